// A bottom-k sample of users by hash, each with its exact state (Cohen and Kaplan, "Summarizing data
// using bottom-k sketches", PODC 2007). Kept are the k users of smallest hash; the threshold is the
// (k + 1)-th smallest hash ever seen. Both are a function of the set of users alone: a user that is
// dropped has k smaller ones, and always will, so its state is never needed again.

import { murmur3Text } from "../hash/murmur3.ts";

export interface Hash64 {
  readonly hi: number;
  readonly lo: number;
}

export interface SampledUser<S> extends Hash64 {
  readonly state: S;
}

export interface UserSample<S> {
  /** Ascending by hash, at most k. */
  readonly kept: readonly SampledUser<S>[];
  /** The smallest hash that is not kept; undefined while every user is kept. */
  readonly threshold: Hash64 | undefined;
}

export const EMPTY_SAMPLE: UserSample<never> = { kept: [], threshold: undefined };

/** As `FieldColumn.hashes` has it. */
export function hashOfUser(user: string): Hash64 {
  const [hi = 0, lo = 0] = murmur3Text(user);
  return { hi, lo };
}

export const compareHash = (a: Hash64, b: Hash64): number =>
  a.hi === b.hi ? a.lo - b.lo : a.hi - b.hi;

/** The sample of users in any order; users of equal hash are one. */
export function sampleOf<S>(
  users: SampledUser<S>[],
  k: number,
  plus: (a: S, b: S) => S,
): UserSample<S> {
  const kept: SampledUser<S>[] = [];
  for (const user of users.sort(compareHash)) {
    const last = kept.at(-1);
    if (last !== undefined && compareHash(last, user) === 0) {
      kept[kept.length - 1] = { ...last, state: plus(last.state, user.state) };
    } else if (kept.length < k) kept.push(user);
    else return { kept, threshold: { hi: user.hi, lo: user.lo } };
  }
  return { kept, threshold: undefined };
}

const lower = (a: Hash64 | undefined, b: Hash64 | undefined): Hash64 | undefined =>
  a === undefined ? b : b === undefined || compareHash(a, b) <= 0 ? a : b;

export function plusSample<S>(
  a: UserSample<S>,
  b: UserSample<S>,
  k: number,
  plus: (a: S, b: S) => S,
): UserSample<S> {
  const kept: SampledUser<S>[] = [];
  let [i, j] = [0, 0];
  let over: Hash64 | undefined;
  while (over === undefined) {
    const [x, y] = [a.kept[i], b.kept[j]];
    const order = x === undefined ? 1 : y === undefined ? -1 : compareHash(x, y);
    const next = order <= 0 ? x : y;
    if (next === undefined) break;
    if (kept.length === k) over = { hi: next.hi, lo: next.lo };
    else if (order === 0 && x !== undefined && y !== undefined) {
      kept.push({ hi: x.hi, lo: x.lo, state: plus(x.state, y.state) });
    } else kept.push(next);
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return { kept, threshold: lower(over, lower(a.threshold, b.threshold)) };
}

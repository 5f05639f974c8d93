// What users come to in many windows and by many lists of dimensions, from the bytes of their states, in one
// pass: an occurrence is added up under the values it has, and groups are made of those sums, which are few.
import type { EncodedStates } from "../algebra/encoded-states.ts";
import { getOrMake } from "../collections/get-or-make.ts";
import { Interner } from "../events/interner.ts";
import type { Window } from "../time/calendar.ts";
import { groupOf } from "./per-user-group.ts";
import type { PerUserHeader } from "./per-user-header.ts";
import type { PerUserShape, Visit } from "./per-user-shape.ts";
import { addToSum, type Sums, shownSums } from "./per-user-sums.ts";
import { UserSpans } from "./user-spans.ts";

/** Occurrences of the same values, by window. */
interface Tally {
  readonly values: readonly (string | null)[];
  readonly key: string | undefined;
  readonly counts: number[];
  readonly amounts: number[];
  /** What is too much for a number, by window. */
  readonly more: Map<number, bigint>;
  /** Every amount, by window, where a quantile is asked for. */
  readonly every: Map<number, number[]>;
}

interface Level {
  readonly next: Map<string | null | undefined, Level>;
  tally?: Tally;
}

const MOST = 2 ** 52;

export function presentSpans<S>(
  shape: PerUserShape<S>,
  dims: readonly string[],
  header: PerUserHeader,
): NonNullable<EncodedStates["presentEach"]> {
  return (states, lists, sets) => {
    const counted = countedIn(shape, dims.length, header, states);
    const tallies = tallied(counted, shape.answer.kind === "quantile", lists);
    let first = 0;
    const firsts = lists.map((list) => {
      first += list.length;
      return first - list.length;
    });
    return lists.map((list, l) =>
      sets.map((by) => {
        const group = groupOf(dims, by, shape.listed);
        const keyed = tallies.map((tally) => ({ tally, key: group(tally.values, tally.key) }));
        return list.map((_, i) => {
          const at = (firsts[l] ?? 0) + i;
          const sums: Sums = new Map();
          for (const { tally, key } of keyed) {
            const count = tally.counts[at] ?? 0;
            if (count === 0 || key === undefined) continue;
            const amount = BigInt(tally.amounts[at] ?? 0) + (tally.more.get(at) ?? 0n);
            const sum = addToSum(sums, key, BigInt(count), amount);
            for (const one of tally.every.get(at) ?? []) sum.amounts.push(one);
          }
          return shownSums(shape.answer, shape.listed, sums, by);
        });
      }),
    );
  };
}

interface Counted {
  /** Visits what is counted of all users. */
  readonly occurrences: (window: Window, visit: Visit) => void;
  /** Equal dimensions are mostly one array: it is known by itself. */
  readonly shared: boolean;
}

function countedIn<S>(
  shape: PerUserShape<S>,
  dims: number,
  header: PerUserHeader,
  states: readonly Uint8Array[],
): Counted {
  const inOrder = shape.inOrder?.(dims);
  if (
    inOrder &&
    eachUser(header, states, (user, { from, texts }) => inOrder.take(user, from, texts))
  )
    return { occurrences: (window, visit) => inOrder.occurrences(window, visit), shared: true };
  const users: S[] = [];
  eachUser(header, states, (user, { from, texts }) => {
    const one = shape.read(from, texts, dims);
    const known = users[user];
    users[user] = known === undefined ? one : shape.plus(known, one);
    return true;
  });
  const occurrences: Counted["occurrences"] = (window, visit) => {
    for (const one of users) shape.occurrences(one, window, visit);
  };
  return { occurrences, shared: false };
}

/** Users of all states by number, until one is not taken; whether all were. */
function eachUser(
  header: PerUserHeader,
  states: readonly Uint8Array[],
  take: (user: number, spans: UserSpans) => boolean,
): boolean {
  const names = new Interner();
  for (const bytes of states) {
    const spans = new UserSpans(bytes, header);
    while (spans.next())
      if (!take(names.intern(bytes, spans.nameFrom, spans.nameUntil), spans)) return false;
  }
  return true;
}

function tallied(
  { occurrences, shared }: Counted,
  every: boolean,
  lists: readonly (readonly Window[])[],
): Tally[] {
  const tallies: Tally[] = [];
  const known: Level = { next: new Map() };
  const places = lists.reduce((n, list) => n + list.length, 0);
  const tallyOf = (values: readonly (string | null)[], key: string | undefined): Tally => {
    let level = getOrMake(known.next, key, (): Level => ({ next: new Map() }));
    for (const value of values)
      level = getOrMake(level.next, value, (): Level => ({ next: new Map() }));
    if (!level.tally) {
      const zeros = () => new Array<number>(places).fill(0);
      level.tally = {
        values,
        key,
        counts: zeros(),
        amounts: zeros(),
        more: new Map(),
        every: new Map(),
      };
      tallies.push(level.tally);
    }
    return level.tally;
  };
  const all = lists.flat();
  const range = {
    from: all.reduce(
      (low, w) => (w.from < low ? w.from : low),
      all[0]?.from ?? 0,
    ) as Window["from"],
    until: all.reduce(
      (high, w) => (w.until > high ? w.until : high),
      all[0]?.until ?? 0,
    ) as Window["until"],
  };
  const byArray = new Map<readonly (string | null)[], Tally>();
  occurrences(range, (values, amount, startMs, key) => {
    const tally =
      shared && key === undefined
        ? getOrMake(byArray, values, () => tallyOf(values, key))
        : tallyOf(values, key);
    let first = 0;
    for (const list of lists) {
      const at = windowOf(list, startMs);
      if (at >= 0) {
        add(tally, first + at, amount);
        if (every) getOrMake(tally.every, first + at, (): number[] => []).push(amount);
      }
      first += list.length;
    }
  });
  return tallies;
}

function add({ counts, amounts, more }: Tally, at: number, amount: number): void {
  counts[at]!++;
  const sum = amounts[at]! + amount;
  if (sum < MOST && amount < MOST) amounts[at] = sum;
  else more.set(at, (more.get(at) ?? 0n) + BigInt(amount));
}

/** Which of the windows the moment lies in, −1 for none; they are in order and mostly of one length. */
function windowOf(windows: readonly Window[], atMs: number): number {
  const first = windows[0];
  if (!first) return -1;
  const stepMs = first.until - first.from;
  let at = Math.max(0, Math.min(windows.length - 1, Math.floor((atMs - first.from) / stepMs)));
  while (at > 0 && atMs < windows[at]!.from) at--;
  while (at + 1 < windows.length && atMs >= windows[at]!.until) at++;
  const window = windows[at]!;
  return atMs >= window.from && atMs < window.until ? at : -1;
}

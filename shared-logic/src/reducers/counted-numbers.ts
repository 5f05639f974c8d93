// A multiset of whole numbers as a state: keys ascending, each with how often it is there. Bytes: format 1,
// the resolution its keys are made with (0: the numbers themselves), how many keys, then key and count of
// each, the first key as zigzag varint and the others as what they are above the one before, less 1.
import type { Decimal } from "../algebra/decimal.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { expectBytes, readState } from "../codec/state-format.ts";
import { TandemError } from "../errors.ts";
import { nearestRank } from "./amount-at-rank.ts";

export interface CountedNumbers {
  readonly keys: readonly bigint[];
  readonly counts: readonly number[];
}

const FORMAT = 1;
export const NO_NUMBERS: CountedNumbers = { keys: [], counts: [] };

export function plusCounted(a: CountedNumbers, b: CountedNumbers): CountedNumbers {
  if (a.keys.length === 0) return b;
  if (b.keys.length === 0) return a;
  const keys: bigint[] = [];
  const counts: number[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [x, y] = [a.keys[i], b.keys[j]];
    const key = x === undefined || (y !== undefined && y < x) ? y : x;
    if (key === undefined) return { keys, counts };
    keys.push(key);
    counts.push((x === key ? (a.counts[i++] ?? 0) : 0) + (y === key ? (b.counts[j++] ?? 0) : 0));
  }
}

/** Of keys in any order, some perhaps repeated. */
export function countedOf(
  entries: Iterable<readonly [key: bigint, count: number]>,
): CountedNumbers {
  const sorted = [...entries].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  const keys: bigint[] = [];
  const counts: number[] = [];
  for (const [key, count] of sorted) {
    if (keys.at(-1) === key) counts[counts.length - 1] = (counts.at(-1) ?? 0) + count;
    else {
      keys.push(key);
      counts.push(count);
    }
  }
  return { keys, counts };
}

/** The key at the nearest rank: the smallest that at least a share `q` of the numbers does not exceed. */
export function keyAtRank({ keys, counts }: CountedNumbers, q: Decimal): bigint | undefined {
  const all = counts.reduce((sum, n) => sum + n, 0);
  let left = nearestRank(all, q);
  for (const [i, key] of keys.entries()) {
    left -= counts[i] ?? 0;
    if (left <= 0) return key;
  }
  return undefined;
}

export function encodeCounted({ keys, counts }: CountedNumbers, resolution: number): Uint8Array {
  const out = new ByteWriter(16 + 4 * keys.length).u8(FORMAT).u8(resolution).varint(keys.length);
  let last: bigint | undefined;
  for (const [i, key] of keys.entries()) {
    out.bigint(last === undefined ? key : key - last - 1n).varint(counts[i] ?? 0);
    last = key;
  }
  return out.done();
}

export function decodeCounted(bytes: Uint8Array, resolution: number): CountedNumbers {
  const reader = readState(bytes, FORMAT, "counted numbers");
  const got = reader.u8();
  if (got !== resolution)
    throw new TandemError("sketch_mismatch", { details: { got, expected: resolution } });
  const length = reader.varint();
  expectBytes(length <= reader.left, "counted numbers");
  const keys: bigint[] = [];
  const counts: number[] = [];
  for (let i = 0; i < length; i++) {
    const step = reader.bigint();
    const last = keys.at(-1);
    expectBytes(last === undefined || step >= 0n, "order of numbers");
    keys.push(last === undefined ? step : last + 1n + step);
    const count = reader.varint();
    expectBytes(count > 0, "number that is not there");
    counts.push(count);
  }
  reader.end();
  return { keys, counts };
}

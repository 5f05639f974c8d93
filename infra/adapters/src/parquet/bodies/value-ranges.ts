// Where the values of each value column lie, row by row.
import type { Place } from "./place-values.ts";
import { digitsFrom, type ScalarValues } from "./scalar-values.ts";

export interface ValueRanges {
  /** -1 where a row has none. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export function valueRanges(
  values: readonly ScalarValues[],
  places: readonly Place[],
  bytes: Uint8Array,
  rows: number,
  columns: number,
): readonly ValueRanges[] {
  const ranges = Array.from({ length: columns }, () => ({
    starts: new Int32Array(rows).fill(-1),
    ends: new Int32Array(rows),
  }));
  for (const [group, { column, digits }] of places.entries()) {
    if (column === undefined) continue;
    const [whole, tail] = [ranges[column]!, digits === undefined ? undefined : ranges[digits]!];
    put(values[group]!, bytes, whole, tail);
  }
  return ranges;
}

function put(v: ScalarValues, bytes: Uint8Array, whole: ValueRanges, tail?: ValueRanges): void {
  for (let i = 0; i < v.count; i++) {
    const row = v.rows[i]!;
    const start = v.starts[i]!;
    const end = v.ends[i]!;
    whole.starts[row] = start;
    if (tail === undefined) {
      whole.ends[row] = end;
      continue;
    }
    const until = digitsFrom(bytes, start, end);
    whole.ends[row] = until;
    tail.starts[row] = until;
    tail.ends[row] = end;
  }
}

// A number column's chunk: delta encoded, or PLAIN where the values lie too far apart for it.
import { encodeDelta } from "./delta.ts";
import { encodeLevels } from "./levels.ts";
import { PageBytes } from "./page-bytes.ts";
import type { WrittenChunk, WrittenColumn } from "./written-column.ts";

const DELTA_SPAN = 2 ** 44;

export function encodeNumbers(
  column: Extract<WrittenColumn, { kind: "numbers" }>,
  from: number,
  until: number,
): WrittenChunk {
  const { values, present } = column;
  const dense = new Float64Array(until - from);
  let n = 0;
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = from; row < until; row++) {
    if (present && !present[row]) continue;
    const value = values[row]!;
    if (!Number.isSafeInteger(value)) throw new RangeError(`${column.name}: ${value} is not whole`);
    dense[n++] = value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const out = new PageBytes();
  if (column.optional) {
    encodeLevels(
      n === until - from ? undefined : present?.subarray(from, until),
      until - from,
      out,
    );
  }
  const delta = n > 0 && max - min < DELTA_SPAN;
  if (delta) encodeDelta(dense, 0, n, out);
  else out.raw(plain(dense.subarray(0, n), column.type === "INT32"));
  const encoding = delta ? "DELTA_BINARY_PACKED" : "PLAIN";
  const page = { type: "DATA_PAGE", encoding, values: until - from, bytes: out.done() } as const;
  return { pages: [page], nulls: until - from - n, ...(n > 0 ? { min, max } : {}) };
}

function plain(values: Float64Array, narrow: boolean): Uint8Array {
  if (narrow) return new Uint8Array(Int32Array.from(values).buffer);
  return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
}

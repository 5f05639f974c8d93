// Definition levels of a v1 data page of an optional column: their length, then 0 or 1 per row.
import type { PageBytes } from "./page-bytes.ts";
import { encodeRle } from "./rle.ts";

export function encodeLevels(
  isPresent: (row: number) => boolean,
  from: number,
  until: number,
  out: PageBytes,
): void {
  const levels = new Uint8Array(until - from);
  for (let row = from; row < until; row++) levels[row - from] = isPresent(row) ? 1 : 0;
  const at = out.sizeBytes;
  out.u32(0);
  encodeRle(levels, 0, levels.length, 1, out);
  out.setU32(at, out.sizeBytes - at - 4);
}

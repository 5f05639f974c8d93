// Definition levels of a v1 data page of an optional column: their length, then 0 or 1 per row.
import type { PageBytes } from "./page-bytes.ts";
import { encodeRle, encodeRun } from "./rle.ts";

/** `levels`: 1 per row with a value; undefined where all of `rows` have one. */
export function encodeLevels(levels: Uint8Array | undefined, rows: number, out: PageBytes): void {
  const at = out.sizeBytes;
  out.u32(0);
  if (levels) encodeRle(levels, 0, rows, 1, out);
  else encodeRun(1, rows, 1, out);
  out.setU32(at, out.sizeBytes - at - 4);
}

// Dictionary indices of a data page (encodings PLAIN_DICTIONARY and RLE_DICTIONARY): one byte of bit
// width, then the RLE hybrid.
import type { Page } from "./page.ts";
import { decodeRle } from "./rle.ts";

export const hasIndices = ({ encoding }: Page): boolean =>
  encoding === "RLE_DICTIONARY" || encoding === "PLAIN_DICTIONARY";

/** Decodes the page's indices, or those of `entries` that they name, to out[from …], dense; false where the page has none. */
export function dictionaryIndices(
  page: Page,
  out: Int32Array,
  from: number,
  entries?: Int32Array,
): boolean {
  if (!hasIndices(page)) return false;
  const { bytes, at, dense } = page;
  if (dense > 0) decodeRle(bytes, at + 1, bytes[at] ?? 0, out, from, dense, entries);
  return true;
}

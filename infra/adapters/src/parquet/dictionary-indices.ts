// Dictionary indices of a data page (encodings PLAIN_DICTIONARY and RLE_DICTIONARY): one byte of bit
// width, then the RLE hybrid.
import type { Page } from "./page.ts";
import { decodeRle } from "./rle.ts";

export const hasIndices = ({ encoding }: Page): boolean =>
  encoding === "RLE_DICTIONARY" || encoding === "PLAIN_DICTIONARY";

/** Decodes the page's indices to out[from …], dense; false where the page has none. */
export function dictionaryIndices(page: Page, out: Int32Array, from: number): boolean {
  if (!hasIndices(page)) return false;
  if (page.dense > 0)
    decodeRle(page.bytes, page.at + 1, page.bytes[page.at] ?? 0, out, from, page.dense);
  return true;
}

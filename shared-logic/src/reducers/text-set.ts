// A set of texts as a state: ascending by UTF-8 bytes, each once. Bytes: format 1, how many, then each
// text as length and UTF-8. Adding one text copies the set; many are merged as sets or go through a kernel.
import type { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { expectBytes, readState } from "../codec/state-format.ts";
import { compareUtf8 } from "../codec/text-order.ts";

export type TextSet = readonly string[];

const FORMAT = 1;

/** The set with one more text; a lone surrogate becomes U+FFFD, as it does in UTF-8. */
export function withText(set: TextSet, added: string): TextSet {
  const text = added.toWellFormed();
  let [from, until] = [0, set.length];
  while (from < until) {
    const middle = (from + until) >>> 1;
    if (compareUtf8(set[middle] ?? "", text) < 0) from = middle + 1;
    else until = middle;
  }
  return set[from] === text ? set : set.toSpliced(from, 0, text);
}

export function unionTexts(a: TextSet, b: TextSet): TextSet {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const out: string[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const [x, y] = [a[i] ?? "", b[j] ?? ""];
    const order = compareUtf8(x, y);
    out.push(order <= 0 ? x : y);
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  while (i < a.length) out.push(a[i++] ?? "");
  while (j < b.length) out.push(b[j++] ?? "");
  return out;
}

/** Begins a set of `count` texts, which follow in ascending order, each as length and UTF-8. */
export function beginTexts(count: number, out: ByteWriter): void {
  out.u8(FORMAT).varint(count);
}

export function encodeTextSet(set: TextSet): Uint8Array {
  const out = new ByteWriter(16 + 24 * set.length).u8(FORMAT).varint(set.length);
  for (const text of set) out.text(text);
  return out.done();
}

/** Reads a set's bytes from `count` on. */
export const readTexts = (bytes: Uint8Array): ByteReader => readState(bytes, FORMAT, "text set");

export function decodeTextSet(bytes: Uint8Array): TextSet {
  const reader = readTexts(bytes);
  const count = reader.varint();
  expectBytes(count <= reader.left, "text set");
  const out: string[] = [];
  for (let i = 0; i < count; i++) {
    const text = reader.text();
    expectBytes(i === 0 || compareUtf8(out[i - 1] ?? "", text) < 0, "order of texts");
    out.push(text);
  }
  reader.end();
  return out;
}

// A text column as codes of an interner: every distinct value is interned once per dictionary, and rows
// only gather codes.
import { Interner, NO_TEXT } from "@tandem/shared-logic";
import { readEntries } from "./entries.ts";
import type { ParquetFile } from "./file.ts";

export interface TextColumn {
  readonly kind: "text";
  readonly interner: Interner;
  /** NO_TEXT where absent. */
  readonly codes: Int32Array;
}

export function readTexts(file: ParquetFile, name: string, interner = new Interner()): TextColumn {
  const { bytes, starts, ends, count, rows } = readEntries(file, name);
  const codeOf = new Int32Array(count);
  for (let e = 0; e < count; e++) codeOf[e] = interner.intern(bytes, starts[e]!, ends[e]!);
  for (let row = 0; row < rows.length; row++) {
    const entry = rows[row]!;
    rows[row] = entry < 0 ? NO_TEXT : codeOf[entry]!;
  }
  return { kind: "text", interner, codes: rows };
}

const KINDS = 4;
const PREFIX_BYTES = 1;

/**
 * Texts with a byte in front: `prefixes[kinds[row]]` before the value, NO_TEXT where that byte is 0. One
 * value may stand behind several prefixes.
 */
export function readPrefixedTexts(
  file: ParquetFile,
  name: string,
  kinds: Uint8Array,
  prefixes: Uint8Array,
  interner = new Interner(),
): TextColumn {
  const { bytes, starts, ends, count, rows } = readEntries(file, name);
  const codeOf = new Int32Array(KINDS * count).fill(NO_TEXT);
  let text = new Uint8Array(256);
  for (let row = 0; row < rows.length; row++) {
    const entry = rows[row]!;
    const kind = kinds[row]! & (KINDS - 1);
    const prefix = prefixes[kind] ?? 0;
    if (entry < 0 || prefix === 0) {
      rows[row] = NO_TEXT;
      continue;
    }
    let code = codeOf[KINDS * entry + kind]!;
    if (code === NO_TEXT) {
      const [from, until] = [starts[entry]!, ends[entry]!];
      const length = PREFIX_BYTES + until - from;
      if (text.length < length) text = new Uint8Array(length * 2);
      text[0] = prefix;
      for (let i = from, j = PREFIX_BYTES; i < until; i++, j++) text[j] = bytes[i]!;
      code = interner.intern(text, 0, length);
      codeOf[KINDS * entry + kind] = code;
    }
    rows[row] = code;
  }
  return { kind: "text", interner, codes: rows };
}

// A text column as codes of an interner: every value of a dictionary is interned once, page by page, and
// rows only gather codes. No text is copied but into the interner.
import { Interner, NO_TEXT } from "@tandem/shared-logic";
import { corrupt } from "./corrupt.ts";
import { dictionaryIndices } from "./dictionary-indices.ts";
import { KEEP, type ParquetFile } from "./file.ts";
import { spread } from "./page.ts";
import { PageRanges } from "./page-ranges.ts";
import { PageTexts } from "./page-texts.ts";
import { PrefixedEntries } from "./prefixed-entries.ts";

export interface TextColumn {
  readonly kind: "text";
  readonly interner: Interner;
  /** NO_TEXT where absent. */
  readonly codes: Int32Array;
  /** It is known that no row is absent. */
  readonly isFull: boolean;
}

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
  const seen = seenIn(kinds);
  const wanted = [...prefixes.keys()].filter((k) => prefixes[k] !== 0 && (seen & (1 << k)) !== 0);
  const [only = 0] = wanted;
  if (wanted.length > 1) return readMixed(file, name, interner, kinds, prefixes);
  const column = readTexts(file, name, interner, prefixes[only] ?? 0);
  if (seen !== 1 << only || wanted.length === 0) {
    for (let row = 0; row < kinds.length; row++) {
      if ((prefixes[kinds[row]!] ?? 0) === 0) column.codes[row] = NO_TEXT;
    }
    return { ...column, isFull: false };
  }
  return column;
}

const ranges = new PageRanges();

/** `prefix`: a byte in front of each value, unless 0. */
export function readTexts(
  file: ParquetFile,
  name: string,
  interner = new Interner(),
  prefix = 0,
): TextColumn {
  let isFull = true;
  const codes = new Int32Array(file.rows);
  let dictionary = new Int32Array(0);
  file.forEachPage(texts(file, name), (page, row) => {
    const { dense } = page;
    if (page.dictionary) {
      dictionary = new Int32Array(dense);
      interner.internAll(new PageTexts(page, ranges), dense, dictionary, prefix);
      return;
    }
    if (page.present) isFull = false;
    if (!dictionaryIndices(page, codes, row, dictionary)) {
      const own = codes.subarray(row, row + dense);
      interner.internAll(new PageTexts(page, ranges), dense, own, prefix);
    }
    spread(codes, row, page, NO_TEXT);
  });
  return { kind: "text", interner, codes, isFull };
}

/** Bit k is set where a kind is k. */
function seenIn(kinds: Uint8Array): number {
  let seen = 0;
  for (let row = 0; row < kinds.length; row++) seen |= 1 << kinds[row]!;
  return seen;
}

/** Rows of several prefixes: each value is interned once for each that it stands behind. */
function readMixed(
  file: ParquetFile,
  name: string,
  interner: Interner,
  kinds: Uint8Array,
  prefixes: Uint8Array,
): TextColumn {
  const rows = new Int32Array(file.rows);
  let dictionary: PrefixedEntries | undefined;
  file.forEachPage(texts(file, name), (page, row) => {
    const entries = (): PrefixedEntries => {
      const { starts, ends } = new PageRanges().of(page);
      return new PrefixedEntries(page.bytes, starts, ends, page.dense, prefixes);
    };
    if (page.dictionary) {
      dictionary = entries();
      return KEEP;
    }
    let used = dictionary;
    if (!dictionaryIndices(page, rows, row)) {
      used = entries();
      for (let i = 0; i < page.dense; i++) rows[row + i] = i;
    }
    spread(rows, row, page, NO_TEXT);
    const end = row + page.rows;
    used?.toCodes(rows.subarray(row, end), kinds.subarray(row, end), interner);
    if (!used && page.dense > 0) throw corrupt("index beyond the dictionary");
    return;
  });
  return { kind: "text", interner, codes: rows, isFull: false };
}

function texts(file: ParquetFile, name: string): ReturnType<ParquetFile["column"]> {
  const column = file.column(name);
  if (column.element.type !== "BYTE_ARRAY") throw corrupt(`column ${name} is no byte array`);
  return column;
}

// Texts where somebody else keeps them: of a page, a batch of records or a store.

/** All texts one behind the other, the first one at `at`. */
export interface PackedTexts {
  readonly at: number;
  /** Of each text; undefined where each stands behind its own length in four bytes, lowest first. */
  readonly lengthBytes: number | undefined;
}

/** Texts as UTF-8: that of a row is `bytes[starts[row], ends[row])`. */
export interface TextSlices {
  readonly bytes: Uint8Array;
  /** -1 where a row has none. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Who finds the texts by this need not ask for `starts` and `ends`, which may be worked out only then. */
  readonly packed?: PackedTexts | undefined;
}

/** Of `rows` rows from `row` on: theirs are the first of `starts` and `ends`. */
export type VisitSlices = (slices: TextSlices, row: number, rows: number) => void;

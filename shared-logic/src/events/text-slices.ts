// Texts where somebody else keeps them: of a page, a batch of records or a store.

/** Texts as UTF-8: that of a row is `bytes[starts[row], ends[row])`. */
export interface TextSlices {
  readonly bytes: Uint8Array;
  /** -1 where a row has none. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /**
   * Where the first text's length stands, if all texts stand one behind the other, each behind its length in four bytes
   * (lowest first). Who finds them so need not ask for `starts` and `ends`, which may be worked out only then.
   */
  readonly packedAt?: number | undefined;
}

/** Of `rows` rows from `row` on: theirs are the first of `starts` and `ends`. */
export type VisitSlices = (slices: TextSlices, row: number, rows: number) => void;

// What the writer takes: whole columns, not rows.
import type { Interner } from "@tandem/shared-logic";

export type WrittenColumn = {
  readonly name: string;
  /** True where rows may be absent. */
  readonly optional: boolean;
} & WrittenValues;

export type WrittenValues =
  | {
      readonly kind: "numbers";
      readonly type: "INT32" | "INT64" | "TIMESTAMP";
      /** Whole; anything where `present` is 0. */
      readonly values: Float64Array;
      readonly present?: Uint8Array;
    }
  | {
      readonly kind: "codes";
      readonly interner: Interner;
      /** NO_TEXT where absent. */
      readonly codes: Int32Array;
      /** Whatever takes less room once compressed; else a dictionary wherever its plain bytes are fewer. */
      readonly smallest?: boolean;
    }
  | {
      readonly kind: "slices";
      /** False: bytes that need not be UTF-8. */
      readonly text: boolean;
      /** Lengths first, then all bytes in a row: smaller, where texts are short. */
      readonly packed?: boolean;
      readonly bytes: Uint8Array;
      /** -1 where absent. */
      readonly starts: Int32Array;
      readonly ends: Int32Array;
    };

/** A page before compression. */
export interface WrittenPage {
  readonly type: "DICTIONARY_PAGE" | "DATA_PAGE";
  readonly encoding:
    | "PLAIN"
    | "RLE_DICTIONARY"
    | "DELTA_BINARY_PACKED"
    | "DELTA_LENGTH_BYTE_ARRAY"
    | "DELTA_BYTE_ARRAY";
  /** Rows, absent ones too; entries of a dictionary. */
  readonly values: number;
  readonly bytes: Uint8Array;
}

export interface WrittenChunk {
  readonly pages: readonly WrittenPage[];
  readonly nulls: number;
  /** Of numbers that are there. */
  readonly min?: number;
  readonly max?: number;
}

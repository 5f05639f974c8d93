// A batch of log records as a struct of arrays: what both layers fold. No object per event exists; a
// row is an index. All arrays are valid until the producer's next batch, unless a caller owns them.
import type { Cut } from "./cut.ts";
import type { Interner } from "./interner.ts";
import type { VisitSlices } from "./text-slices.ts";

/** What a row is. */
export const ROW_EVENT = 1;
export const ROW_CUT = 2;
/** A record that cannot be read as an event (a foreign topic's, or damaged): counted, never folded. */
export const ROW_DEAD = 3;

/** Row flags, as decided by the collector and stored in the record. */
export const FLAG_TOO_LATE = 1;
export const FLAG_FUTURE = 2;
export const FLAG_CLOCK_CORRECTED = 4;
export const FLAG_IMPORTED = 8;

export const USER_NONE = 0;
export const USER_ID = 1;
export const USER_ANONYMOUS = 2;

/** What JSON value stands at a path. */
export const FIELD_ABSENT = 0;
export const FIELD_NULL = 1;
export const FIELD_TEXT = 2;
export const FIELD_NUMBER = 3;
export const FIELD_TRUE = 4;
export const FIELD_FALSE = 5;
/** An object or an array. */
export const FIELD_NESTED = 6;

/** The code of a row that has no text. */
export const NO_TEXT = -1;

export const DECIMAL_OK = 0;
export const DECIMAL_MISSING = 1;
export const DECIMAL_NOT_A_NUMBER = 2;
/** More digits after the point than the scale allows. */
export const DECIMAL_BEYOND_SCALE = 3;
/** Fine, but above 2^53 units: the value stands in `big`. */
export const DECIMAL_BIG = 4;

export interface DecimalColumn {
  /** Units of 10^-scale, whole; meaningful where status is DECIMAL_OK. */
  readonly units: Float64Array;
  readonly status: Uint8Array;
  readonly big: ReadonlyMap<number, bigint>;
}

/** One path's values; everything derived is computed at first use and kept for the batch. */
export interface FieldColumn {
  /** FIELD_* per row. */
  readonly kinds: Uint8Array;
  readonly interner: Interner;
  /** The text of each row as a code of `interner`, NO_TEXT where it has none. */
  codes(): Int32Array;
  /** Two lanes of each row's text hash (murmur3 of its UTF-8): [2 · row], [2 · row + 1]; 0 without text. */
  hashes(): Uint32Array;
  decimals(scale: number): DecimalColumn;
  /** The text of one row; undefined where it has none. */
  text(row: number): string | undefined;
  /**
   * The texts where they stand, of columns that know them without giving them codes: some rows after the other, from
   * `row` on. What is given is valid while `visit` runs, and read anew each time.
   */
  eachSlices?(visit: VisitSlices): void;
}

export interface EventColumns {
  readonly partition: number;
  /** Rows 0 … count − 1, in offset order. Arrays may be longer. */
  readonly count: number;
  readonly offsets: Float64Array;
  /** ROW_* per row; the columns below mean something for ROW_EVENT only. */
  readonly rowKinds: Uint8Array;
  /** FLAG_* bits. */
  readonly flags: Uint8Array;
  /** Decided time, time as sent, received time: ms since the epoch. */
  readonly timeMs: Float64Array;
  readonly sentMs: Float64Array;
  readonly receivedMs: Float64Array;
  /** Four lanes of the event id's hash: [4 · row] … [4 · row + 3]. */
  readonly idHashes: Uint32Array;
  /** USER_* per row. */
  readonly userKinds: Uint8Array;
  /**
   * The column of a path (see metrics/selector.ts), also `tenant`. Only paths that the producer was
   * asked for; another one is a RangeError.
   */
  field(path: string): FieldColumn;
  /** The cut of a ROW_CUT row. */
  cut(row: number): Cut;
}

// Where every offset of a partition went. offset − genesis = the sum of all of these.

export interface Counters {
  /** Folded as sure. */
  readonly counted: number;
  readonly duplicate: number;
  readonly suspected: number;
  readonly unchecked: number;
  readonly deadLettered: number;
  readonly cuts: number;
  /** Offsets that hold no record (a log may skip some). */
  readonly skippedOffsets: number;
}

export const NO_COUNTS: Counters = {
  counted: 0,
  duplicate: 0,
  suspected: 0,
  unchecked: 0,
  deadLettered: 0,
  cuts: 0,
  skippedOffsets: 0,
};

export const sumOfCounters = (c: Counters): number =>
  c.counted + c.duplicate + c.suspected + c.unchecked + c.deadLettered + c.cuts + c.skippedOffsets;

// A user's moments, as time between events keeps them: ascending by time and marks, events of one millisecond and the
// same marks being one moment with the lowest dimensions of them.
import type { ByteReader } from "../codec/byte-reader.ts";
import type { TextTable } from "../codec/text-table.ts";
import {
  compareDims,
  compareMarks,
  type MarkedEvent,
  type MarkedEvents,
  markedSet,
} from "./marked-set.ts";

export type Moment = MarkedEvent;
export type Moments = MarkedEvents;

/** A change of it changes what is stored. In one minute no timestamp in whole seconds is left out. */
export const MOMENTS_KEPT = 32;

export const lowerDims = (a: Moment, b: Moment): Moment => (compareDims(a, b) <= 0 ? a : b);

export const {
  union: unionMoments,
  write: writeMoments,
  read: readMoments,
} = markedSet({ keeps: MOMENTS_KEPT, order: compareMarks, one: lowerDims });

/** Goes past what `readMoments` reads and marks its texts. */
export function skipMoments(from: ByteReader, texts: TextTable, dims: number): void {
  for (let left = from.varint(), first = true; left > 0; left--, first = false) {
    if (first) from.f64();
    else from.varint();
    from.varint();
    for (let i = 0; i < dims; i++) texts.text(from.varint());
  }
}

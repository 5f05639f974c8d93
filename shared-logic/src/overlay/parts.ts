// What one group has in a stretch of time: states by doubt, and counts that are known exactly. States are
// encoded nowhere here: they are the algebra's values.
import type { AnyReducer } from "../algebra/reducer.ts";
import { type Doubt, SURE, SUSPECTED } from "../ports/view-store.ts";

export interface Parts {
  sure: unknown;
  suspected: unknown;
  unchecked: unknown;
  events: number;
  suspectedEvents: number;
  uncheckedEvents: number;
  /** Of these events of each kind, those in the window and not in its reach alone. */
  inside: number;
  suspectedInside: number;
  uncheckedInside: number;
  /** A speed row from V on was used. */
  touched: boolean;
  /** Events of used speed rows. */
  speedEvents: number;
}

export function newParts({ approx }: AnyReducer): Parts {
  const zero: unknown = approx.zero;
  return {
    sure: zero,
    suspected: zero,
    unchecked: zero,
    events: 0,
    suspectedEvents: 0,
    uncheckedEvents: 0,
    inside: 0,
    suspectedInside: 0,
    uncheckedInside: 0,
    touched: false,
    speedEvents: 0,
  };
}

/** Adds the state of one cell of a run (`doubt` undefined) or of a speed row, and its events. */
export function addCell(
  { approx }: AnyReducer,
  into: Parts,
  doubt: Doubt | undefined,
  state: unknown,
  events: number,
  inside = events,
): void {
  if (doubt === undefined || doubt === SURE) {
    into.sure = approx.plus(into.sure, state);
    into.events += events;
    into.inside += inside;
  } else if (doubt === SUSPECTED) {
    into.suspected = approx.plus(into.suspected, state);
    into.suspectedEvents += events;
    into.suspectedInside += inside;
  } else {
    into.unchecked = approx.plus(into.unchecked, state);
    into.uncheckedEvents += events;
    into.uncheckedInside += inside;
  }
  if (doubt === undefined) return;
  into.touched = true;
  into.speedEvents += events;
}

export function addParts({ approx }: AnyReducer, into: Parts, from: Parts): void {
  into.sure = approx.plus(into.sure, from.sure);
  into.suspected = approx.plus(into.suspected, from.suspected);
  into.unchecked = approx.plus(into.unchecked, from.unchecked);
  into.events += from.events;
  into.suspectedEvents += from.suspectedEvents;
  into.uncheckedEvents += from.uncheckedEvents;
  into.inside += from.inside;
  into.suspectedInside += from.suspectedInside;
  into.uncheckedInside += from.uncheckedInside;
  into.touched ||= from.touched;
  into.speedEvents += from.speedEvents;
}

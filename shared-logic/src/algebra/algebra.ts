// An algebra over events: what one state of a metric is, how events and states join it, and how it is
// shown and stored. For all states a, b, c and items x:
//
//   plus(a, plus(b, c)) = plus(plus(a, b), c)          plus(a, b) = plus(b, a)          plus(zero, a) = a
//   append(s, x) = plus(s, append(zero, x))            decode(encode(s)) = s            equal states, equal bytes
//
// States are values: no function here changes what it is given. After Algebird's Aggregator, whose
// middle type is public on purpose: it is what gets stored and shipped.
import type { Window } from "../time/calendar.ts";
import type { Estimate } from "./estimate.ts";

/** What `present` may know beside the state. */
export interface PresentContext {
  /** Half-open. The state covers it and its reach; what is counted *starts* inside it. */
  readonly window: Window;
  /** Events folded into the state, known exactly; those of the window alone where no value exceeds them. */
  readonly events: number;
}

export interface Algebra<Item, State> {
  readonly zero: State;
  append(state: State, item: Item): State;
  plus(a: State, b: State): State;
  present(state: State, context: PresentContext): Estimate;
  /**
   * Only where the state holds dimensions inside (see Reducer.inside): one estimate per group, keyed
   * by its canonical group text over `dims`, a list that is one of the declared grouping sets.
   */
  presentBy?(state: State, context: PresentContext, dims: readonly string[]): Map<string, Estimate>;
  /**
   * What a group may have that `presentBy` does not show; where absent, what the total may have, and nothing
   * where the total is known.
   */
  presentUnseen?(state: State, context: PresentContext, dims: readonly string[]): Estimate;
  /**
   * Just what `presentBy` (or, for no `dims`, `present`) gives for each of these windows, in one pass over the
   * state. Windows are in order and do not overlap.
   */
  presentEach?(
    state: State,
    windows: readonly Window[],
    events: number,
    dims: readonly string[],
  ): Map<string, Estimate>[];
  /** Canonical bytes, the first of which is a format byte. */
  encode(state: State): Uint8Array;
  /** Throws `corrupt_bytes` on anything that `encode` does not write. */
  decode(bytes: Uint8Array): State;
}

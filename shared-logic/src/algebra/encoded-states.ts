// Work on the bytes of exact states, for where little of a large state changes: what is not touched is
// copied, not decoded. Each gives just what decoding, working and encoding would, or undefined where it
// cannot say, and then that is done. The bytes are ones that `encode` wrote: whoever reads them from a store
// has proven so by their checksum.
import type { Window } from "../time/calendar.ts";
import type { PresentContext } from "./algebra.ts";
import type { Estimate } from "./estimate.ts";

export interface EncodedStates {
  /** `encode(plus(decode(a), decode(b)))`; `b` is the smaller. */
  plus(a: Uint8Array, b: Uint8Array): Uint8Array | undefined;
  /** `approx.encode(toApprox(decode(state)))`. */
  toApprox(state: Uint8Array): Uint8Array | undefined;
  /** What the exact algebra's `present` gives of the sum of these states. */
  present?(states: readonly Uint8Array[], context: PresentContext): Estimate;
  /**
   * What the exact algebra's `presentEach` gives of the sum of these states, which are of items of different
   * times: for each list of windows, each list of dimensions and each window. In one pass, which is quickest
   * where they are in the order of time.
   */
  presentEach?(
    states: readonly Uint8Array[],
    windows: readonly (readonly Window[])[],
    sets: readonly (readonly string[])[],
  ): Map<string, Estimate>[][][];
}

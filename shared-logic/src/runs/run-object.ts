// The object that names the partial states a run is made of: weeks, months and other ranges are merged
// from them. Written before the run is published, never changed.
import type { Fingerprint } from "../metrics/fingerprint.ts";
import type { RunSum } from "../ports/view-store.ts";
import type { UtcDay } from "../time/epoch-ms.ts";

export interface RunObject {
  readonly fingerprint: Fingerprint;
  readonly day: UtcDay;
  readonly v: readonly number[];
  /** Keys of the partial states, one per partition. */
  readonly partials: readonly string[];
  /** Of the rows that the view store holds of it. */
  readonly sum: RunSum;
}

export const runObjectKey = (dataset: string, run: string): string => `runs/${dataset}/${run}.json`;

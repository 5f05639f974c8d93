// What a reader took from the stores for one metric, tenant and grouping set, in the order that the seam
// asks for: positions, starts and ledger first, then cells, then what was dropped. Plain data: from here
// on the answer is computed without effects.
import type { Metric } from "../metrics/metric.ts";
import type { DayEntry } from "../ports/ledger-rows.ts";
import type { Position, RunRow, StoredSpeedRow } from "../ports/view-store.ts";
import type { UtcDay } from "../time/epoch-ms.ts";

/** The rows of one day's run: of the day itself and of its reach, below the run's own V. */
export interface RunRows {
  /**
   * At the metric's finest grain, of `ReadView.set`: the states of the day and its reach. Undefined: not
   * read, as stored values answer every window that touches the day.
   */
  readonly finest: readonly RunRow[] | undefined;
  /** Rows with values, of the set asked for, at the query's grain and at the day's. */
  readonly values: readonly RunRow[];
}

export interface ReadView {
  readonly metric: Metric;
  /** Grouping set that rows were read for (always 0 where dimensions live inside the state). */
  readonly set: number;
  /** Of one layer alone: `batch` has no speed rows, `speed` no runs. */
  readonly only?: "batch" | "speed";
  readonly genesis: readonly number[];
  readonly positions: readonly (Position | undefined)[];
  readonly starts: readonly (number | undefined)[];
  /** Ledger entry of every day a window touches; undefined: no run. */
  readonly days: ReadonlyMap<UtcDay, DayEntry | undefined>;
  readonly speed: readonly StoredSpeedRow[];
  /** By partition: none of `speed` has a `to` above it. Absent: nobody knows. */
  readonly reached?: readonly number[];
  readonly runs: ReadonlyMap<string, RunRows>;
  readonly dropped: ReadonlyMap<UtcDay, readonly number[]>;
}

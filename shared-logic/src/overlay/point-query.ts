// What the overlay is asked, and the points that it gives.
import type { Estimate } from "../algebra/estimate.ts";
import type { Window } from "../time/calendar.ts";
import type { EpochMs, UtcDay } from "../time/epoch-ms.ts";
import type { SpanValues } from "./known-values.ts";

export interface PointQuery {
  readonly windows: readonly Window[];
  /** Dimensions asked of a state that holds them inside. */
  readonly dims: readonly string[] | undefined;
  /** Groups to show; undefined: those seen in any window. */
  readonly groups?: readonly string[];
  /** Which groups may be shown and counted; undefined: all. */
  readonly shows?: (group: string) => boolean;
  /** Groups whose states are merged before they are presented. */
  readonly union?: GroupUnion;
  /** The days of the calendar that windows are asked on; where absent, of UTC. */
  readonly days?: (window: Window) => readonly Window[];
  /** By window start: week and month rows, or exact states merged by the reader. */
  readonly spans: ReadonlyMap<EpochMs, SpanValues>;
}

/**
 * From a stored group to the one it is shown in; undefined: in none. `(other)` stays itself, or goes where all of
 * them go. States of every window are to be there: what runs store of single groups answers no union.
 */
export type GroupUnion = (group: string) => string | undefined;

export interface GroupPoint {
  readonly group: string;
  readonly estimate: Estimate;
  readonly exact: boolean;
  readonly layer: "batch" | "speed" | "both";
  readonly run: string | undefined;
}

export interface WindowPoints {
  readonly window: Window;
  /** Why nobody covers it; then there are no points. */
  readonly missing: string | undefined;
  /** Every shown group has one in every window that is covered. */
  readonly points: readonly GroupPoint[];
  readonly lag: boolean;
  /** Partitions of which a row was read above the position. */
  readonly torn: ReadonlySet<number>;
  readonly capped: boolean;
  /** Events of the window, over all shown groups. */
  readonly suspected: number;
  readonly unchecked: number;
  readonly skipped: number;
  /** Events of speed rows in days that have a run, by day. */
  readonly aboveRuns: ReadonlyMap<UtcDay, number>;
}

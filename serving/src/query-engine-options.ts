// What a query engine is made of.
import type { Clock, EventLog, Metric, ObjectStore, ViewStore } from "@tandem/shared-logic";
import type { QueryLimits } from "./query/query.ts";
import type { AskedDays } from "./read/asked-days.ts";

export interface QueryEngineOptions {
  readonly views: ViewStore;
  /** Without it, freshness is what the positions say. */
  readonly log?: Pick<EventLog, "ranges">;
  /** Kept exact states; without it, ranges of many days are merged from sketches. */
  readonly objects?: Pick<ObjectStore, "get" | "list">;
  /** Bytes of them that one answer may read. Default 64 MiB. */
  readonly exactBytes?: number;
  /** Bytes of rows of runs that are kept between queries. Default 64 MiB; 0 keeps none. */
  readonly runRowBytes?: number;
  /** Bytes of speed rows that are kept between queries, so that asking again reads what was flushed since. Default 64 MiB; 0 keeps none. */
  readonly speedRowBytes?: number;
  /** Bytes, about, of what questions gave, so that asking again costs what has changed. Default 32 MiB; 0 keeps nothing. */
  readonly keptBytes?: number;
  readonly clock: Pick<Clock, "now">;
  readonly metrics: readonly Metric[];
  readonly dataset: string;
  readonly limits?: Partial<QueryLimits>;
  /** Told which days are asked for. */
  readonly asked?: AskedDays;
  /** Answers remembered for when the store does not answer. Default 256. */
  readonly staleAnswers?: number;
  /** Longest that a question may take, in real time; then the answer of before, or `store_unavailable`. */
  readonly longestMs?: number;
  /** What cursors are signed with, the same in all processes. Absent: one that is kept in the view store. */
  readonly cursorSecret?: string;
}

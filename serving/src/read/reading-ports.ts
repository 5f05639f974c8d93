// What a reading goes through: the stores, and what is kept of them between readings.
import type { Clock } from "@tandem/shared-logic";
import type { ReadPorts } from "./read-view.ts";
import { RunRowCache } from "./run-row-cache.ts";
import { SpeedRowCache } from "./speed-row-cache.ts";

const RUN_ROW_BYTES = 64 << 20;
const SPEED_ROW_BYTES = 64 << 20;

export interface ReadingOptions
  extends Pick<ReadPorts, "views" | "ledger" | "dataset" | "exactly"> {
  readonly clock: Pick<Clock, "now">;
  /** Default 64 MiB; 0: none. */
  readonly runRowBytes?: number;
  /** The same. */
  readonly speedRowBytes?: number;
}

export function readingPorts(options: ReadingOptions): ReadPorts {
  const { views, ledger, dataset, exactly, clock } = options;
  const { runRowBytes = RUN_ROW_BYTES, speedRowBytes = SPEED_ROW_BYTES } = options;
  const runRows = new RunRowCache(views, clock, runRowBytes);
  const speedRows = new SpeedRowCache(views, clock, speedRowBytes);
  return { views, ledger, dataset, runRows, speedRows, ...(exactly ? { exactly } : {}) };
}

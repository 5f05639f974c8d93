// One cell of one metric as what it shows, where nobody wants its state.
import type { Estimate } from "../algebra/estimate.ts";
import type { Kernel } from "../algebra/kernel.ts";
import type { Metric } from "../metrics/metric.ts";
import { GRAIN_MS, type StoredGrain } from "../time/calendar.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import type { BlockPlace } from "./cell-index.ts";

/** `startMs` is the cell's. */
export interface CellValue extends BlockPlace {
  readonly metric: Metric;
  /** Index into the metric's grouping sets. */
  readonly set: number;
  readonly events: number;
  readonly skipped: number;
  readonly estimate: Estimate;
}

/** What the algebra says of a slot, asked of the kernel itself where it can. */
export function presentSlot(
  metric: Metric,
  side: "exact" | "approx",
  kernel: Kernel,
  slot: number,
  startMs: EpochMs,
  grain: StoredGrain,
  events: number,
): Estimate {
  const until = (startMs + GRAIN_MS[grain]) as EpochMs;
  const context = { window: { from: startMs, until }, events };
  if (kernel.present) return kernel.present(slot, context);
  const algebra = metric.reducer[side];
  return algebra.present(algebra.decode(kernel.encode(slot)), context);
}

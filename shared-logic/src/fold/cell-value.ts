// The cells of metrics as what they show, where nobody wants their states.
import type { Estimate } from "../algebra/estimate.ts";
import type { Kernel } from "../algebra/kernel.ts";
import type { Metric } from "../metrics/metric.ts";
import { GRAIN_MS, type StoredGrain } from "../time/calendar.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import type { BlockPlace } from "./cell-index.ts";
import type { Side } from "./fold-plan.ts";
import type { CellStates, Keying, Member } from "./keying.ts";

/** `startMs` is the cell's. */
export interface CellValue extends BlockPlace {
  readonly metric: Metric;
  /** Index into the metric's grouping sets. */
  readonly set: number;
  readonly events: number;
  readonly skipped: number;
  readonly estimate: Estimate;
}

/** Appends those of all members to `out`. */
export function putCellValues(k: Keying, side: Side, out: CellValue[]): void {
  for (const states of k.states) {
    const members = [states.first, ...states.others];
    for (let block = 0; block < k.index.blockCount; block++)
      putValuesOf(k, side, states, members, block, out);
  }
}

function putValuesOf(
  k: Keying,
  side: Side,
  { kernel, skipped }: CellStates,
  members: readonly Member[],
  block: number,
  out: CellValue[],
): void {
  const { cells, slots, grain } = k.index;
  const { tenant, group, doubt, startMs: from } = k.index.place(block);
  for (let cell = 0; cell < cells; cell++) {
    const slot = slots[block * cells + cell]!;
    if (slot < 0) continue;
    const startMs = (from + cell * GRAIN_MS[grain]) as EpochMs;
    const events = k.events[slot]!;
    for (const { metric, set } of members) {
      const estimate = presentSlot(metric, side, kernel, slot, startMs, grain, events);
      out.push({
        tenant,
        group,
        doubt,
        metric,
        set,
        startMs,
        events,
        skipped: skipped[slot]!,
        estimate,
      });
    }
  }
}

/** What the algebra says of a slot, asked of the kernel itself where it can. */
function presentSlot(
  metric: Metric,
  side: Side,
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

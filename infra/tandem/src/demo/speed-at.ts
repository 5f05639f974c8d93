// What the speed layer knew of a day exactly at a run's offsets: its segments below V, merged and
// presented. Beside the run's own value this is the error of the sketches and of dedupe, and nothing else.
import {
  type Algebra,
  DAY_MS,
  type DayRow,
  dayKey,
  dayStart,
  decodeBlock,
  type EpochMs,
  type Estimate,
  type Metric,
  plusMs,
  SUSPECTED,
  type UtcDay,
} from "@tandem/shared-logic";
import type { Tandem } from "../tandem.ts";

export async function speedAtRun(
  tandem: Tandem,
  metric: Metric,
  tenant: string,
  day: UtcDay,
): Promise<Estimate | undefined> {
  const { views } = tandem.ports;
  const dataset = tandem.dataset.dataset;
  const ledger = await views.ledger(dayKey(dataset, day));
  const entry = ledger && (JSON.parse(ledger.value) as DayRow).entries[metric.fingerprint];
  if (!entry) return undefined;
  const approx = metric.reducer.approx as Algebra<unknown, unknown>;
  const { beforeMs, afterMs } = metric.reducer.reach;
  const window = { from: dayStart(day), until: plusMs(dayStart(day), DAY_MS) };
  const range = {
    from: plusMs(window.from, -Math.ceil(beforeMs / DAY_MS) * DAY_MS),
    until: plusMs(window.until, afterMs),
  };
  let [state, events] = [approx.zero, 0];
  const query = { dataset, fp: metric.fingerprint, tenant, set: 0, ...range };
  for (const row of await views.readSpeed(query)) {
    if (row.segment >= (entry.v[row.partition] ?? 0) || row.doubt === SUSPECTED) continue;
    if (!touches(row.startMs, window, beforeMs, afterMs)) continue;
    for (const cell of decodeBlock(row.state))
      state = approx.plus(state, approx.decode(cell.state));
    events += row.events;
  }
  return approx.present(state, { window, events });
}

const touches = (
  start: EpochMs,
  window: { from: EpochMs; until: EpochMs },
  beforeMs: number,
  afterMs: number,
): boolean =>
  start >= window.from - Math.ceil(beforeMs / 3_600_000) * 3_600_000 &&
  start < window.until + afterMs;

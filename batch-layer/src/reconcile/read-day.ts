// Everything that a comparison of one metric, tenant and day is made of, read from the stores. Rows below V do not
// change once the speed layer has reached V.
import {
  blockMs,
  blockStart,
  DAY_MS,
  type DayEntry,
  type DayInput,
  type DayRow,
  dayStart,
  decodeBlock,
  type EpochMs,
  GRAIN_MS,
  type Metric,
  type RunRow,
  type UtcDay,
  type ViewStore,
  type Window,
} from "@tandem/shared-logic";
import type { Archive } from "../plan.ts";
import { reachDays } from "../reach-days.ts";

type Views = Pick<ViewStore, "readSpeed" | "readRun" | "starts" | "dropped">;

export interface ComparedDay {
  readonly dataset: string;
  readonly tenant: string;
  readonly day: UtcDay;
  readonly row: DayRow;
  readonly archive: Archive;
}

/** Undefined: the speed layer never had, or no longer has, all of the day. */
export async function comparable(
  views: Views,
  dataset: string,
  { genesis, manifest }: Archive,
  metric: Metric,
  day: UtcDay,
): Promise<boolean> {
  const { back, ahead } = reachDays(metric);
  const [from, until] = [(day - back) as UtcDay, (day + ahead + 1) as UtcDay];
  const fp = metric.fingerprint;
  const starts = await views.starts(dataset, fp, genesis.length);
  const dropped = await views.dropped(dataset, fp, from, until, genesis.length);
  return genesis.every((first, p) => {
    for (const below of dropped.values()) if ((below[p] ?? 0) > first) return false;
    const start = starts[p] ?? Number.POSITIVE_INFINITY;
    if (start <= first) return true;
    return !manifest[p]?.some((e) => {
      if (e.from >= start) return false;
      for (let x = from; x < until; x = (x + 1) as UtcDay) if (e.days[x]) return true;
      return false;
    });
  });
}

export async function readDay(
  views: Views,
  { dataset, tenant, day, row, archive }: ComparedDay,
  metric: Metric,
  entry: DayEntry,
): Promise<DayInput> {
  const own = { from: dayStart(day), until: dayStart((day + 1) as UtcDay) };
  const finest = metric.reducer.grains[0] ?? "hour";
  const blocks = blocksOf(metric, own);
  const cells = { tenant, set: 0 };
  const states = (run: string): Promise<readonly RunRow[]> =>
    views.readRun({ run, grain: finest, ...cells, ...blocks });
  const { additive, grains } = metric.reducer;
  const values =
    additive || !grains.includes("day")
      ? []
      : await views.readRun({ run: entry.run, grain: "day", ...cells, ...own });
  const run = { finest: await states(entry.run), values };
  const fp = metric.fingerprint;
  const speed = await views.readSpeed({ dataset, fp, ...cells, ...blocks });
  const kept = row.selectable[fp] ?? [];
  const before = kept[kept.findIndex((r) => r.run === entry.run) - 1];
  return {
    metric,
    day,
    entry,
    genesis: archive.genesis,
    run,
    speed,
    manifest: archive.manifest,
    before: before?.v,
    eventsBefore: before && eventsIn(await states(before.run), metric, own),
  };
}

function blocksOf(metric: Metric, { from, until }: Window): Window {
  const step = blockMs(metric.reducer.grains[0] ?? "hour");
  const { back, ahead } = reachDays(metric);
  return {
    from: (Math.floor((from - back * DAY_MS) / step) * step) as EpochMs,
    until: (Math.ceil((until + ahead * DAY_MS) / step) * step) as EpochMs,
  };
}

function eventsIn(rows: readonly RunRow[], metric: Metric, { from, until }: Window): number {
  const grain = metric.reducer.grains[0] ?? "hour";
  let events = 0;
  for (const row of rows) {
    for (const c of decodeBlock(row.state)) {
      const at = blockStart(row.startMs, grain) + c.cell * GRAIN_MS[grain];
      if (at >= from && at < until) events += c.events;
    }
  }
  return events;
}

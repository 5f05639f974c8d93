// The reader: the query engine's own reading of the seam, and the overlay. Where a broken rule makes it
// read again for ever, the simulation notices.

import { type CellQuery, DayLedger, readSeams, readViews, SpeedRowCache } from "@tandem/serving";
import {
  dayOf,
  dayStart,
  type EpochMs,
  epochMs,
  type Metric,
  overlay,
  type ReadView,
  TOTAL_GROUP,
  type UtcDay,
  type Window,
  type WindowPoints,
  windowEnd,
} from "@tandem/shared-logic";
import { Actor } from "./actor.ts";
import { PARTITIONS } from "./told-log.ts";
import { DATASET, TENANT, type World } from "./world.ts";

export interface Read {
  readonly metric: Metric;
  readonly view: ReadView;
  readonly windows: readonly WindowPoints[];
}

const KEPT_BYTES = 1 << 20;
const GENESIS = Array.from({ length: PARTITIONS }, () => 0);

export type ReadGrain = "hour" | "day" | "total";

/** Asks for days [from, until), several times where `asks` says so: speed rows are kept from one to the next. */
export const readerActor = (
  world: World,
  metric: Metric,
  [from, until]: readonly [UtcDay, UtcDay],
  grain: ReadGrain,
  answered: (read: Read) => void,
  asks = 1,
): Actor =>
  new Actor(async (self) => {
    const { views } = world.portsOf("reader", self);
    const speedRows = new SpeedRowCache(views, { now: () => epochMs(0) }, KEPT_BYTES);
    const ports = { views, speedRows, ledger: new DayLedger(views, DATASET), dataset: DATASET };
    const range = { from: dayStart(from), until: dayStart(until) };
    const query: CellQuery = {
      metric,
      ...range,
      grain,
      tz: "UTC",
      by: [],
      where: new Map(),
      layer: "both",
      set: 0,
      windows: windowsOf(range, grain),
      tenant: TENANT,
      groups: undefined,
    };
    for (let answers = 0; answers < asks; ) {
      const seams = await readSeams(ports, [query], PARTITIONS);
      const [result] = await readViews(ports, [query], GENESIS, seams);
      if (!result) throw new RangeError("no result of one query");
      const { view: read, spans } = result;
      const { planted } = world;
      const view = planted.view ? await planted.view(read, views) : read;
      if (!view) continue;
      const { windows } = query;
      const points = overlay(view, { windows, dims: undefined, spans, groups: [TOTAL_GROUP] });
      answered({ metric, view, windows: points });
      answers++;
    }
  });

function windowsOf(range: Window, grain: ReadGrain): Window[] {
  if (grain === "total") return [range];
  const windows: Window[] = [];
  for (let at = range.from; at < range.until; at = windowEnd(at, grain))
    windows.push({ from: at, until: windowEnd(at, grain) });
  return windows;
}

export const daysOfWindow = ({ from, until }: Window): UtcDay[] => {
  const days: UtcDay[] = [];
  for (let d = dayOf(from); d <= dayOf((until - 1) as EpochMs); d++) days.push(d as UtcDay);
  return days;
};

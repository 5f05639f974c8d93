// The reader: the query engine's own reading of the seam, and the overlay. Where a broken rule makes it
// read again for ever, the simulation notices.

import { type CellQuery, DayLedger, readSeam, readView } from "@tandem/serving";
import {
  dayOf,
  dayStart,
  type EpochMs,
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

const GENESIS = Array.from({ length: PARTITIONS }, () => 0);

export type ReadGrain = "hour" | "day" | "total";

/** Asks for days [from, until). */
export const readerActor = (
  world: World,
  metric: Metric,
  [from, until]: readonly [UtcDay, UtcDay],
  grain: ReadGrain,
  answered: (read: Read) => void,
): Actor =>
  new Actor(async (self) => {
    const { views } = world.portsOf("reader", self);
    const ports = { views, ledger: new DayLedger(views, DATASET), dataset: DATASET };
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
    for (;;) {
      const seam = await readSeam(ports, query, PARTITIONS);
      const { view: read, spans } = await readView(ports, query, GENESIS, seam);
      const { planted } = world;
      const view = planted.view ? await planted.view(read, views) : read;
      if (!view) continue;
      const { windows } = query;
      const points = overlay(view, { windows, dims: undefined, spans, groups: [TOTAL_GROUP] });
      answered({ metric, view, windows: points });
      return;
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

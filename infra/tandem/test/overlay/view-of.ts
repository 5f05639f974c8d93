// A reader's view of a generated log: the rows that both layers would have written, made one event at a
// time. `Planted` are mistakes in either layer that a view can carry, to see the checks catch them.
import {
  below,
  blockMs,
  blockStart,
  DAY_MS,
  type DayEntry,
  dayStart,
  type EpochMs,
  encodeBlock,
  formatDecimal,
  GRAIN_MS,
  type Metric,
  type Random,
  type ReadView,
  type RunRow,
  type RunRows,
  type StoredSpeedRow,
  TOTAL_GROUP,
  type UtcDay,
  type Window,
  windowEnd,
} from "@tandem/shared-logic";
import { DAYS, type Fate, FIRST_DAY, type LogEvent } from "./generated-log.ts";

/** `v_inclusive`: batch takes the event at V too. `neighbours_v`: a run's reach is cut at the V of the
 * day it lies in. `start_is_genesis`: an absent start is taken for genesis. */
export type Planted = "v_inclusive" | "neighbours_v" | "start_is_genesis";

export type ItemOf = (event: LogEvent) => unknown;

const DAY_LIST = Array.from({ length: DAYS }, (_, i) => (FIRST_DAY + i) as UtcDay);

export function vOf(fate: Fate, day: UtcDay): readonly number[] {
  return fate.log.cuts[fate.runs[day - FIRST_DAY] ?? 0] ?? [];
}

export function viewOf(
  metric: Metric,
  itemOf: ItemOf,
  fate: Fate,
  random: Random,
  only: ReadView["only"],
  planted?: Planted,
): ReadView {
  const { log } = fate;
  const days = new Map<UtcDay, DayEntry | undefined>();
  const runs = new Map<string, RunRows>();
  for (const day of DAY_LIST) {
    if (fate.runs[day - FIRST_DAY] === undefined || only === "speed") days.set(day, undefined);
    else {
      days.set(day, { run: `run ${day}`, v: vOf(fate, day) });
      runs.set(`run ${day}`, runRows(metric, itemOf, fate, day, planted));
    }
  }
  const genesis = log.ends.map(() => 0);
  const start = fate.activated === undefined ? undefined : log.cuts[fate.activated];
  return {
    metric,
    set: 0,
    ...(only && { only }),
    genesis,
    positions: fate.positions.map((to) => ({ to, asOf: 0 as EpochMs })),
    starts: genesis.map((g, p) =>
      fate.started[p] ? start?.[p] : planted === "start_is_genesis" ? g : undefined,
    ),
    days,
    speed: only === "batch" ? [] : speedRows(metric, itemOf, fate, random),
    runs,
    dropped: new Map(DAY_LIST.map((x) => [x, droppedOf(fate, x)])),
  };
}

export const droppedOf = (fate: Fate, x: UtcDay): number[] =>
  (fate.dropped[x - FIRST_DAY] ?? []).map((cut, p) => fate.log.cuts[cut]?.[p] ?? 0);

const cellOf = (metric: Metric, at: number): number => {
  const cellMs = GRAIN_MS[metric.reducer.grains[0] ?? "hour"];
  return Math.floor(at / cellMs) * cellMs;
};

/** One block of the events' cells. */
function blockBytes(metric: Metric, itemOf: ItemOf, events: readonly LogEvent[]): Uint8Array {
  const { approx, grains } = metric.reducer;
  const grain = grains[0] ?? "hour";
  const cells = new Map<number, { state: unknown; events: number }>();
  for (const e of events) {
    const at = e.timeMs - blockStart(e.timeMs, grain);
    const cell = Math.floor(at / GRAIN_MS[grain]);
    const known = cells.get(cell) ?? { state: approx.zero as unknown, events: 0 };
    const state: unknown = approx.append(known.state, itemOf(e));
    cells.set(cell, { state, events: known.events + 1 });
  }
  const sorted = [...cells].sort(([a], [b]) => a - b);
  return encodeBlock(
    sorted.map(([cell, c]) => ({
      cell,
      events: c.events,
      skipped: 0,
      state: approx.encode(c.state),
    })),
  );
}

const byBlock = (metric: Metric, events: readonly LogEvent[]): Map<EpochMs, LogEvent[]> =>
  Map.groupBy(events, (e) => blockStart(e.timeMs, metric.reducer.grains[0] ?? "hour"));

function runRows(
  metric: Metric,
  itemOf: ItemOf,
  fate: Fate,
  day: UtcDay,
  planted?: Planted,
): RunRows {
  const { reach, exact, grains, additive } = metric.reducer;
  const own = vOf(fate, day);
  const range = {
    from: dayStart(day) - reach.beforeMs,
    until: dayStart(day) + DAY_MS + reach.afterMs,
  };
  const held = fate.log.events.filter((e) => {
    if (e.copy || cellOf(metric, e.timeMs) >= range.until) return false;
    if (e.timeMs < cellOf(metric, range.from)) return false;
    const neighbour = Math.floor(e.timeMs / DAY_MS) as UtcDay;
    const v = planted === "neighbours_v" ? vOf(fate, neighbour) : own;
    return e.offset < (v[e.partition] ?? 0) + (planted === "v_inclusive" ? 1 : 0);
  });
  const key = { tenant: "t", set: 0, group: TOTAL_GROUP, skipped: 0 } as const;
  const finest = [...byBlock(metric, held)].map(([startMs, events]): RunRow => {
    const state = blockBytes(metric, itemOf, events);
    return { ...key, grain: grains[0] ?? "hour", startMs, events: events.length, state };
  });
  const values: RunRow[] = [];
  for (const grain of additive ? [] : grains) {
    for (let at = dayStart(day); at < dayStart(day) + DAY_MS; at = windowEnd(at, grain)) {
      const window: Window = { from: at, until: windowEnd(at, grain) };
      const events = held.filter((e) => inReach(metric, e, window));
      let state = exact.zero as unknown;
      for (const e of events) state = exact.append(state, itemOf(e)) as unknown;
      if (events.length === 0) continue;
      const { value } = exact.present(state, { window, events: events.length });
      const text = value === null ? null : formatDecimal(value);
      const row = { ...key, grain, startMs: at, events: events.length };
      values.push({ ...row, value: text, state: encodeBlock([]) });
    }
  }
  return { finest, values };
}

/** Whole cells of window and reach. */
export function inReach(metric: Metric, e: LogEvent, { from, until }: Window): boolean {
  const { reach } = metric.reducer;
  const cell = cellOf(metric, e.timeMs);
  return cell >= cellOf(metric, from - reach.beforeMs) && cell < until + reach.afterMs;
}

function speedRows(metric: Metric, itemOf: ItemOf, fate: Fate, random: Random): StoredSpeedRow[] {
  const { log, activated } = fate;
  if (activated === undefined) return [];
  const rows: StoredSpeedRow[] = [];
  const { reducer, fingerprint: fp } = metric;
  for (const [p, position] of fate.positions.entries()) {
    const bounds = log.cuts.map((c) => c[p] ?? 0);
    for (const [i, segment] of bounds.entries()) {
      if (i < activated) continue;
      const end = bounds[i + 1] ?? Number.POSITIVE_INFINITY;
      const within = log.events.filter(
        (e) => e.partition === p && e.offset >= segment && e.offset < end && e.doubt !== undefined,
      );
      for (const doubt of [0, 1, 2] as const) {
        const own = within.filter((e) => e.doubt === doubt);
        for (const [startMs, events] of byBlock(metric, own)) {
          const day = Math.floor((startMs + blockMs(reducer.grains[0] ?? "hour") - 1) / DAY_MS);
          if (segment < (droppedOf(fate, day as UtcDay)[p] ?? 0)) continue;
          const flushed = below(random, 2) === 0 ? position : (fate.flushing[p] ?? position);
          const to = Math.min(flushed, end);
          const held = events.filter((e) => e.offset < to);
          if (held.length === 0) continue;
          const state = blockBytes(metric, itemOf, held);
          const place = { fp, tenant: "t", set: 0, group: TOTAL_GROUP, startMs, partition: p };
          rows.push({ ...place, segment, to, doubt, events: held.length, skipped: 0, state });
        }
      }
    }
  }
  return rows;
}

// Holds an answer against the log: its value is that of exactly the events it claims to cover (I1), an
// exact one is the run's own, no coverage got lost (I2), and nothing it needed was dropped (I7).
import {
  coverageOf,
  type DayRow,
  dayKey,
  dayOf,
  dayStart,
  type EpochMs,
  formatDecimal,
  GRAIN_MS,
  TOTAL_GROUP,
  UNCHECKED,
  type UtcDay,
  type Window,
  type WindowPoints,
} from "@tandem/shared-logic";
import { daysOfWindow, type Read, type ReadGrain } from "./reader.ts";
import { questionOf } from "./seam-metrics.ts";
import { blockOfEvent, isEvent, type ToldEvent, truth } from "./told-log.ts";
import { fail } from "./violation.ts";
import { DATASET, type World } from "./world.ts";

export interface Covered {
  readonly events: readonly ToldEvent[];
  /** `partition:offset` of every event, copies too. */
  readonly places: ReadonlySet<string>;
}

/** What window and reach claim, event by event: below V, or from where speed begins as far as rows connect. */
export function coveredBy({ metric, view }: Read, window: Window, world: World): Covered {
  const { reach, grains } = metric.reducer;
  const cellMs = GRAIN_MS[grains[0] ?? "hour"];
  const days = daysOfWindow(window);
  const events: ToldEvent[] = [];
  const places = new Set<string>();
  for (const day of days) {
    const begin = day === days[0] ? window.from - reach.beforeMs : dayStart(day);
    const from = Math.floor(begin / cellMs) * cellMs;
    const until =
      day === days.at(-1) ? window.until + reach.afterMs : dayStart((day + 1) as UtcDay);
    for (const [p, log] of world.told.entries()) {
      for (const [offset, e] of log.entries()) {
        if (!isEvent(e) || e.timeMs < from || e.timeMs >= until) continue;
        const cover = coverageOf(view, day, dayOf(e.timeMs as EpochMs))[p];
        if (!cover) continue;
        const below = offset < cover.v;
        if (!below && (offset < cover.from || offset >= connected(view, p, e, cover))) continue;
        places.add(`${p}:${offset}`);
        if (e.first) events.push(e);
      }
    }
  }
  return { events, places };
}

function connected(
  view: Read["view"],
  p: number,
  e: ToldEvent,
  cover: { readonly from: number; readonly until: number },
): number {
  const rows = view.speed
    .filter((r) => r.partition === p && r.startMs === blockOfEvent(e))
    .filter((r) => r.doubt === (e.unchecked ? UNCHECKED : 0) && r.segment >= cover.from)
    .sort((a, b) => a.segment - b.segment);
  let { until } = cover;
  for (const row of rows) {
    if (row.segment > until) break;
    until = Math.max(until, row.to);
  }
  return until;
}

export type PointKind = "missing" | "torn" | "lag" | "batch" | "both" | "speed";

export const kindOf = (w: WindowPoints): PointKind =>
  w.missing !== undefined
    ? "missing"
    : w.torn.size > 0
      ? "torn"
      : w.lag
        ? "lag"
        : (w.points[0]?.layer ?? "missing");

interface Remembered {
  readonly rollbacks: number;
  readonly given: boolean;
  readonly covered: Covered;
}

/** One reader's answers, from the last power cut on. */
export class Reading {
  private readonly world: World;
  private readonly last = new Map<string, Remembered>();

  constructor(world: World) {
    this.world = world;
  }

  /** `began`: rollbacks known when the read began. */
  async check(read: Read, grain: ReadGrain, began: ReadonlyMap<string, number>): Promise<void> {
    for (const w of read.windows) {
      const covered = coveredBy(read, w.window, this.world);
      const text = (): string => describe(read, w, covered);
      this.checkValue(read, grain, w, covered, text);
      await this.checkDrops(read, w, text);
      this.checkMemory(read, grain, w, covered, began, text);
    }
  }

  private checkValue(
    { metric }: Read,
    grain: ReadGrain,
    { window, missing, points, lag, torn }: WindowPoints,
    covered: Covered,
    text: () => string,
  ): void {
    if (missing !== undefined) {
      if (points.length > 0) fail("I1", `a point where it is missing: ${text()}`);
      return;
    }
    const [point] = points;
    if (!point || points.length !== 1 || point.group !== TOTAL_GROUP) {
      fail("I1", `not one point for the total: ${text()}`);
    }
    const { value, low, high } = point.estimate;
    const expected = truth(questionOf(metric), covered.events, window.from, window.until);
    if (value === null || formatDecimal(value) !== expected)
      fail("I1", `truth of what it covers is ${expected}: ${text()}`);
    if (low === null || high === null || low.units > value.units || high.units < value.units)
      fail("I1", `its interval does not hold it: ${text()}`);
    if (!point.exact) return;
    if (lag || torn.size > 0 || low.units !== high.units) fail("I1", `not exact: ${text()}`);
    if (metric.reducer.additive || grain === "total" || point.run === undefined) return;
    const stored = this.world.watch.storedValue(point.run, grain, window.from);
    if (stored !== undefined && stored !== expected)
      fail("I1", `run ${point.run} stores ${stored}: ${text()}`);
  }

  private async checkDrops(read: Read, w: WindowPoints, text: () => string): Promise<void> {
    const { view, metric } = read;
    for (const day of daysOfWindow(w.window)) {
      const entry = view.days.get(day);
      const { beforeMs, afterMs } = metric.reducer.reach;
      const [first, last] = [dayStart(day) - beforeMs, dayStart((day + 1) as UtcDay) + afterMs - 1];
      for (let x = dayOf(first as EpochMs); x <= dayOf(last as EpochMs); x++) {
        const gone = view.dropped.get(x as UtcDay);
        if (!gone?.some((g, p) => g > (entry?.v[p] ?? 0))) continue;
        const row = await this.world.views.ledger(dayKey(DATASET, day));
        const now = row && (JSON.parse(row.value) as DayRow).entries[metric.fingerprint];
        if (now?.run === entry?.run)
          fail("I7", `rows of day ${x} above V of the current run were dropped: ${text()}`);
      }
    }
  }

  private checkMemory(
    { metric }: Read,
    grain: ReadGrain,
    { window, missing }: WindowPoints,
    covered: Covered,
    began: ReadonlyMap<string, number>,
    text: () => string,
  ): void {
    const rollbacks = (known: ReadonlyMap<string, number>): number =>
      daysOfWindow(window).reduce((n, d) => n + (known.get(`${metric.fingerprint}|${d}`) ?? 0), 0);
    const key = `${metric.fingerprint}|${grain}|${window.from}|${window.until}`;
    const before = this.last.get(key);
    if (before?.rollbacks === rollbacks(this.world.watch.rollbacks)) {
      if (before.given && missing !== undefined) fail("I2", `it was given before: ${text()}`);
      const lost = [...before.covered.places].filter((place) => !covered.places.has(place));
      if (lost.length > 0) fail("I2", `${lost.join(" ")} were covered before: ${text()}`);
    }
    this.last.set(key, { rollbacks: rollbacks(began), given: missing === undefined, covered });
  }
}

function describe({ metric, view }: Read, w: WindowPoints, covered: Covered): string {
  const value = w.points[0]?.estimate.value;
  const claims = daysOfWindow(w.window).map((day) =>
    coverageOf(view, day, day).map((c) => `p${c.partition} V ${c.v} [${c.from},${c.until})`),
  );
  const rows = view.speed.map(
    (r) => `${r.startMs / 3_600_000}h/p${r.partition}[${r.segment},${r.to})`,
  );
  return [
    `${metric.name} of ${new Date(w.window.from).toISOString()} says`,
    value ? formatDecimal(value) : (w.missing ?? "nothing"),
    `${kindOf(w)}${w.points[0]?.exact ? " exact" : ""}; claims ${claims.join("; ")};`,
    `covers ${[...covered.places].join(" ")}; position ${view.positions.map((q) => q?.to).join()};`,
    `rows ${rows.join(" ")}`,
  ].join(" ");
}

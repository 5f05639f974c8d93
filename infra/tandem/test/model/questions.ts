// Asks a state everything by the real reader and overlay, and holds the answers against the log: each event is
// counted exactly once, or the answer says what is missing; what it says is missing, is; and an answer as of
// a moment is made of the run that was shown then, or says that it is gone.
import { type CellQuery, DayLedger, readSeams, readViews } from "@tandem/serving";
import {
  DAY_MS,
  type DayRow,
  dayKey,
  dayOf,
  dayStart,
  EMPTY_DAY,
  type EpochMs,
  entryAsOf,
  formatDecimal,
  getOrMake,
  HOUR_MS,
  type Metric,
  overlay,
  type ReadView,
  TOTAL_GROUP,
  type UtcDay,
  type Window,
  type WindowPoints,
} from "@tandem/shared-logic";
import { Broken, type BrokenRule, type Promised } from "./rules.ts";
import { eventsOfRun, StateStore } from "./state-store.ts";
import {
  DATASET,
  DAYS,
  isSent,
  METRICS,
  offsetsBelow,
  PARTITIONS,
  type Sent,
  type State,
  TENANT,
  tally,
} from "./universe.ts";

export interface Asked {
  points: number;
  exact: number;
  missing: number;
  both: number;
  asOf: number;
  /** Days that have a run and are not exact. */
  open: number;
  /** Metrics whose every fact had been asked of before. */
  again: number;
}

const GENESIS = PARTITIONS.map(() => 0);
const FROM = dayStart(DAYS[0]!);
const UNTIL = (dayStart(DAYS.at(-1)!) + DAY_MS) as EpochMs;
const WINDOWS: readonly Window[] = DAYS.map((day) => ({
  from: dayStart(day),
  until: (dayStart(day) + DAY_MS) as EpochMs,
}));
const ALL: Window = { from: FROM, until: UNTIL };

type Layer = "both" | "batch";
const QUESTIONS: readonly (readonly [Layer, CellQuery["grain"], readonly Window[]])[] = [
  ["both", "day", WINDOWS],
  ["both", "total", [ALL]],
  ["batch", "day", WINDOWS],
];

const parsed = new Map<string, DayRow>();
const PARSED_MOST = 100_000;

export function rowOfDay(state: State, day: UtcDay): DayRow {
  const row = state.ledger.get(dayKey(DATASET, day));
  if (!row) return EMPTY_DAY;
  if (parsed.size >= PARSED_MOST) parsed.clear();
  return getOrMake(parsed, row.value, () => JSON.parse(row.value) as DayRow);
}

/** What was asked before of an equal log, ledger and views, and held. */
const held = new Set<string>();
const HELD_MOST = 500_000;

/** All that answers can depend on. */
function factsOf(state: State, metric: Metric): string {
  const fp = metric.fingerprint;
  const days = DAYS.map((day) => [
    rowOfDay(state, day).entries[fp],
    state.dropped.get(`${fp}|${day}`),
  ]);
  const log = state.log.map((list) =>
    list.map((e) => (isSent(e) ? `${e.kind}${e.n}${e.copy ? "'" : ""}` : "|")).join(""),
  );
  return JSON.stringify([metric.name, log, state.positions, state.flushed, days]);
}

export async function checkAll(
  state: State,
  rule: BrokenRule | undefined,
  asked: Asked,
  fresh = false,
): Promise<void> {
  for (const metric of METRICS) {
    checkAsOf(state, metric, asked);
    const facts = factsOf(state, metric);
    if (rule === undefined && !fresh && held.has(facts)) {
      asked.again++;
      continue;
    }
    for (const [layer, grain, windows] of QUESTIONS) {
      const view = await read(state, rule, {
        ...{ metric, from: FROM, until: UNTIL, grain, tz: "UTC", by: [], where: new Map() },
        ...{ layer, set: 0, windows, tenant: TENANT, groups: undefined },
      });
      const question = { windows, dims: undefined, spans: new Map(), groups: [TOTAL_GROUP] };
      for (const w of overlay(view, question)) {
        asked.points++;
        if (w.missing !== undefined) asked.missing++;
        if (w.points[0]?.exact) asked.exact++;
        if (w.points[0]?.layer === "both") asked.both++;
        const hasRun = rowOfDay(state, dayOf(w.window.from)).entries[metric.fingerprint];
        if (grain === "day" && hasRun && w.missing === undefined && !w.points[0]?.exact)
          asked.open++;
        checkWindow(state, metric, layer, w);
      }
    }
    if (held.size >= HELD_MOST) held.clear();
    if (rule === undefined) held.add(facts);
  }
}

async function read(
  state: State,
  rule: BrokenRule | undefined,
  query: CellQuery,
): Promise<ReadView> {
  const views = new StateStore(state, rule);
  const ports = { views, ledger: new DayLedger(views, DATASET), dataset: DATASET };
  const seams = await readSeams(ports, [query], PARTITIONS.length);
  const [result] = await readViews(ports, [query], GENESIS, seams);
  if (!result) throw new RangeError("no result of one query");
  const { view } = result;
  if (rule !== "speed rows below V are added too") return view;
  const days = new Map(
    [...view.days].map(([day, entry]) => [day, entry && { ...entry, v: GENESIS }] as const),
  );
  return { ...view, days };
}

/** What the model knows of one window, counted by hand. */
function expected(state: State, metric: Metric, layer: Layer, window: Window) {
  const { beforeMs, afterMs } = metric.reducer.reach;
  const counted = new Set<Sent>();
  const unreachable: string[] = [];
  let mayMiss = false;
  const [first, last] = [dayOf(window.from), dayOf((window.until - 1) as EpochMs)];
  for (let day = first; day <= last; day = (day + 1) as UtcDay) {
    const entry = rowOfDay(state, day).entries[metric.fingerprint];
    const from = day === first ? window.from - beforeMs : dayStart(day);
    const until = day === last ? window.until + afterMs : dayStart((day + 1) as UtcDay);
    if (layer === "batch" && !entry) mayMiss = true;
    if (entry?.lost) mayMiss = true;
    const held = new Set(eventsOfRun(entry?.run ?? "").map((e) => e.n));
    for (const p of PARTITIONS) {
      const v = entry?.v[p] ?? 0;
      const bounds = offsetsBelow(state, p);
      for (const [offset, e] of (state.log[p] ?? []).entries()) {
        if (!isSent(e) || e.copy || e.timeMs < from || e.timeMs >= until) continue;
        if (offset < v) {
          if (held.has(e.n)) counted.add(e);
          else unreachable.push(`e${e.n} below V ${v} is not in ${entry?.run}`);
        } else if (layer === "both") {
          const segment = bounds.findLast((b) => b <= offset) ?? 0;
          if (segment < (state.dropped.get(`${metric.fingerprint}|${e.day}`)?.[p] ?? 0))
            unreachable.push(`e${e.n} was dropped`);
          else if (offset < connected(state, e, v, metric)) counted.add(e);
        }
      }
    }
  }
  return { counted: [...counted], unreachable, mayMiss };
}

/** To the position, and behind it as far as the rows of the event's hour connect, segment by segment. */
function connected(state: State, e: Sent, v: number, { fingerprint }: Metric): number {
  const { partition: p, day } = e;
  const hour = (at: EpochMs): number => Math.floor(at / HOUR_MS);
  const gone = state.dropped.get(`${fingerprint}|${day}`)?.[p] ?? 0;
  const flushed = (day === DAYS[0] ? state.flushed : state.positions)[p] ?? 0;
  const bounds = offsetsBelow(state, p);
  let until = Math.max(v, state.positions[p] ?? 0);
  for (const [i, segment] of bounds.entries()) {
    const to = Math.min(flushed, bounds[i + 1] ?? Number.POSITIVE_INFINITY);
    const held = (state.log[p] ?? [])
      .slice(segment, to)
      .some((o) => isSent(o) && !o.copy && hour(o.timeMs) === hour(e.timeMs));
    if (segment < Math.max(v, gone) || !held) continue;
    if (segment > until) break;
    until = Math.max(until, to);
  }
  return until;
}

export function truthOf(metric: Metric, events: readonly Sent[], { from, until }: Window): string {
  const inside = events.filter((e) => e.timeMs >= from && e.timeMs < until);
  if (metric === tally) return String(inside.reduce((sum, e) => sum + 4 ** e.n, 0));
  const starts = inside.filter(
    (e) =>
      !events.some(
        (o) =>
          o !== e &&
          o.partition === e.partition &&
          (o.timeMs < e.timeMs
            ? o.timeMs >= e.timeMs - 1_800_000
            : o.timeMs === e.timeMs && o.n < e.n),
      ),
  );
  return String(starts.length);
}

function checkWindow(state: State, metric: Metric, layer: Layer, w: WindowPoints): void {
  const { counted, unreachable, mayMiss } = expected(state, metric, layer, w.window);
  const where = `${metric.name} of ${layer}, day ${dayOf(w.window.from) - DAYS[0]!} to ${(w.window.until - FROM) / DAY_MS}`;
  const fail = (promised: Promised, what: string): never => {
    throw new Broken(promised, `${where}: ${what}`);
  };
  if (w.missing !== undefined) {
    // What any selectable run needs is never dropped, so that nothing is missing for that.
    if (!mayMiss) fail("told", `says that something is missing, and nothing is: ${w.missing}`);
    if (w.points.length > 0) fail("told", "a point where something is missing");
    return;
  }
  if (unreachable.length > 0) fail("once", `silently low: ${unreachable.join("; ")}`);
  const [point] = w.points;
  if (!point) throw new Broken("told", `${where}: neither a point nor missing`);
  const { value, low, high } = point.estimate;
  const truth = truthOf(metric, counted, w.window);
  const says = value === null ? "nothing" : formatDecimal(value);
  if (says !== truth) fail("once", `says ${says}, the events it covers make ${truth}`);
  if (low === null || high === null || value === null) return;
  if (low.units > value.units || high.units < value.units)
    fail("interval", "does not hold its value");
  if (point.exact && (low.units !== high.units || w.lag || w.torn.size > 0))
    fail("exact", "and is not");
}

/** Of moments so far: the run that was shown then, or that it is no longer kept. An unchanged row tells the same. */
function checkAsOf(state: State, metric: Metric, asked: Asked): void {
  const fp = metric.fingerprint;
  for (const day of DAYS) {
    const row = rowOfDay(state, day);
    const last = state.shown.length - 1;
    const changed = state.shown[last]?.get("ledger") !== state.shown[last - 1]?.get("ledger");
    for (const [tick, shown] of state.shown.entries()) {
      if (!changed && tick < last) continue;
      const was = shown.get(`${fp}|${day}`);
      const { entry, gone } = entryAsOf(row, fp, { at: tick as EpochMs });
      asked.asOf++;
      if (entry?.run === was && (was !== undefined || gone === undefined)) continue;
      const kept = row.selectable[fp]?.some((r) => r.run === was);
      if (entry === undefined && gone === was && !kept) continue;
      throw new Broken(
        "as of",
        `${metric.name} of day ${day} at ${tick}: ${entry?.run ?? gone}, was ${was}`,
      );
    }
  }
}

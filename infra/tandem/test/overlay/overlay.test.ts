// The overlay over generated logs: each event counts once for what the answer claims to cover, and what
// nobody covers is missing. The sum of 4^n over events shows how often each one counted; distinct users
// and sessions show it for sketches and across midnights. Planted mistakes must be seen.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  below,
  DAY_MS,
  type Decimal,
  dayOf,
  dayStart,
  decimal,
  distinct,
  type EpochMs,
  type GroupPoint,
  HOUR_MS,
  type Metric,
  metric,
  overlay,
  perUser,
  type ReadView,
  SURE,
  SUSPECTED,
  seededRandom,
  sessions,
  sum,
  TOTAL_GROUP,
  type UtcDay,
  user,
  type Window,
  type WindowPoints,
} from "@tandem/shared-logic";
import {
  anyFate,
  anyLog,
  anyWindows,
  type Fate,
  FIRST_DAY,
  type LogEvent,
} from "./generated-log.ts";
import { droppedOf, type ItemOf, inReach, type Planted, viewOf, vOf } from "./view-of.ts";

const CASES = Number(process.env["TANDEM_CASES"] ?? 3000);
const SEED = Number(process.env["TANDEM_SEED"] ?? 1);
const words = { title: "t", unit: "u", version: 1, examples: [] };
const bits = sum(decimal("properties.bit", { scale: 0 }));

/** Shows events of the window's reach too, so that one read below the wrong V is seen. */
const wide = {
  ...bits,
  additive: false,
  grains: ["hour", "day"] as const,
  reach: { beforeMs: 2 * HOUR_MS, afterMs: 26 * HOUR_MS },
};

interface Subject {
  readonly metric: Metric;
  readonly itemOf: ItemOf;
  readonly check: (point: GroupPoint, seen: Seen, window: Window) => void;
}

/** Events an answer must be made of, and those of a flush under way that may be in it. */
interface Seen {
  readonly batch: readonly LogEvent[];
  readonly speed: readonly LogEvent[];
  readonly flushing: readonly LogEvent[];
}

const units = (d: Decimal | null): bigint => d?.units ?? 0n;
const bit = (e: LogEvent): bigint => 4n ** BigInt(e.n);
const total = (events: readonly LogEvent[]): bigint => events.reduce((s, e) => s + bit(e), 0n);

function checkBits({ estimate }: GroupPoint, seen: Seen): void {
  const sure = seen.speed.filter((e) => e.doubt === SURE);
  const likely = seen.speed.filter((e) => e.doubt !== SUSPECTED);
  const parts = [
    [estimate.low, sure],
    [estimate.value, likely],
    [estimate.high, seen.speed],
  ] as const;
  for (const [end, speed] of parts) {
    const must = total([...seen.batch, ...speed]);
    let rest = units(end) - must;
    assert.ok(rest >= 0n, `events are missing: ${units(end).toString(4)}, not ${must.toString(4)}`);
    const also = new Set<LogEvent>();
    for (const e of [...seen.flushing].sort((a, b) => b.n - a.n)) {
      if (rest < bit(e)) continue;
      rest -= bit(e);
      also.add(e);
    }
    assert.equal(rest, 0n, `counted too often: ${units(end).toString(4)}, not ${must.toString(4)}`);
    for (const e of also) {
      const before = (f: LogEvent): boolean => f.offset < e.offset && rowOf(f) === rowOf(e);
      assert.ok(
        seen.flushing.filter(before).every((f) => also.has(f)),
        "a gap in a cell's rows",
      );
    }
  }
}

const rowOf = (e: LogEvent): string =>
  `${e.partition}|${e.doubt}|${Math.floor(e.timeMs / HOUR_MS)}`;

function checkUsers({ estimate }: GroupPoint, seen: Seen): void {
  const users = (events: readonly LogEvent[]): number => new Set(events.map((e) => e.user)).size;
  const sure = seen.speed.filter((e) => e.doubt === SURE);
  const value = users([...seen.batch, ...seen.speed.filter((e) => e.doubt !== SUSPECTED)]);
  assert.ok(units(estimate.low) <= users([...seen.batch, ...sure, ...seen.flushing]));
  assert.ok(units(estimate.high) >= users([...seen.batch, ...seen.speed]));
  if (seen.flushing.length === 0) assert.ok(Math.abs(Number(units(estimate.value)) - value) <= 1);
}

const GAP_MS = 30 * 60_000;

function checkSessions({ estimate }: GroupPoint, seen: Seen, { from, until }: Window): void {
  if (seen.flushing.length > 0) return;
  const events = [...seen.batch, ...seen.speed.filter((e) => e.doubt !== SUSPECTED)];
  let started = 0;
  for (const own of Map.groupBy(events, (e) => e.user).values()) {
    let last = Number.NEGATIVE_INFINITY;
    for (const at of own.map((e) => e.timeMs).sort((a, b) => a - b)) {
      if (at - last > GAP_MS && at >= from && at < until) started++;
      last = at;
    }
  }
  assert.equal(units(estimate.value), BigInt(started));
  assert.ok(units(estimate.low) <= units(estimate.value));
  assert.ok(units(estimate.value) <= units(estimate.high));
}

const subjects: readonly Subject[] = [
  { metric: metric({ ...words, name: "bits", reducer: bits }), itemOf: bit, check: checkBits },
  { metric: metric({ ...words, name: "wide", reducer: wide }), itemOf: bit, check: checkBits },
  {
    metric: metric({ ...words, name: "users", reducer: distinct(user()) }),
    itemOf: (e) => e.user,
    check: checkUsers,
  },
  {
    metric: metric({ ...words, name: "sessions", reducer: perUser(sessions()) }),
    itemOf: (e) => ({ user: e.user, timeMs: e.timeMs, eventId: `e${e.n}`, dims: [] }),
    check: checkSessions,
  },
];

interface Part {
  readonly day: UtcDay;
  /** Of the window, as this day's run reaches: the first day before it, the last behind. */
  readonly of: (e: LogEvent) => boolean;
  readonly days: readonly UtcDay[];
}

function partsOf(m: Metric, window: Window): Part[] {
  const [first, last] = [dayOf(window.from), dayOf((window.until - 1) as EpochMs)];
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const day = (first + i) as UtcDay;
    const { beforeMs, afterMs } = m.reducer.reach;
    const from = day === first ? window.from - beforeMs : dayStart(day);
    const until = day === last ? window.until + afterMs : dayStart((day + 1) as UtcDay);
    const days: UtcDay[] = [];
    for (let x = Math.floor(from / DAY_MS); x * DAY_MS < until; x++) days.push(x as UtcDay);
    return {
      day,
      days,
      of: (e: LogEvent) =>
        inReach(m, e, window) &&
        (day === first || e.timeMs >= dayStart(day)) &&
        (day === last || e.timeMs < dayStart((day + 1) as UtcDay)),
    };
  });
}

function judge(subject: Subject, fate: Fate, only: ReadView["only"], w: WindowPoints): string {
  const { window } = w;
  const seen = { batch: [] as LogEvent[], speed: [] as LogEvent[], flushing: [] as LogEvent[] };
  let hole = false;
  let lag = false;
  for (const part of partsOf(subject.metric, window)) {
    const sealed = fate.runs[part.day - FIRST_DAY] !== undefined;
    const run = sealed && only !== "speed";
    const v = run ? vOf(fate, part.day) : fate.positions.map(() => 0);
    if (only === "batch") hole ||= !run;
    for (const [p, position] of fate.positions.entries()) {
      const own = v[p] ?? 0;
      if (only !== "batch") {
        const start = fate.activated === undefined ? undefined : fate.log.cuts[fate.activated]?.[p];
        hole ||= !fate.started[p] || (start ?? 0) > own;
        for (const x of part.days) hole ||= (droppedOf(fate, x)[p] ?? 0) > own;
        lag ||= position < own;
      }
      for (const e of fate.log.events) {
        if (e.partition !== p || !part.of(e)) continue;
        if (e.offset < own) {
          if (!e.copy) seen.batch.push(e);
        } else if (only !== "batch" && e.doubt !== undefined) {
          if (e.offset < position) seen.speed.push(e);
          else if (e.offset < (fate.flushing[p] ?? 0)) seen.flushing.push(e);
        }
      }
    }
  }
  assert.equal(w.missing !== undefined, hole, `missing: ${w.missing ?? "nothing"}`);
  if (hole) {
    assert.deepEqual(w.points, []);
    return "missing";
  }
  assert.equal(w.lag, lag);
  const point = w.points.find((q) => q.group === TOTAL_GROUP);
  assert.ok(point);
  subject.check(point, seen, window);
  const doubtful = seen.speed.some((e) => e.doubt !== SURE);
  if (point.exact) assert.ok(!lag && !doubtful && w.torn.size === 0, "called exact");
  return w.torn.size > 0 ? "torn" : lag ? "lag" : point.exact ? "exact" : "estimated";
}

function oneCase(seed: number, planted?: Planted): string[] {
  const random = seededRandom(seed);
  const subject = subjects[below(random, subjects.length)];
  assert.ok(subject);
  const fate = anyFate(random, anyLog(random));
  const only = (["batch", "speed"] as const)[below(random, 8)];
  const view = viewOf(subject.metric, subject.itemOf, fate, random, only, planted);
  const query = { windows: anyWindows(random), dims: undefined, groups: [TOTAL_GROUP] };
  return overlay(view, { ...query, spans: new Map() }).map((w) => judge(subject, fate, only, w));
}

test(`each event counts once, every hole is named (seeds ${SEED} to ${SEED + CASES * 4 - 1})`, (t) => {
  const kinds: Record<string, number> = {};
  for (let seed = SEED; seed < SEED + CASES * 4; seed++) {
    try {
      for (const kind of oneCase(seed)) kinds[kind] = (kinds[kind] ?? 0) + 1;
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
  t.diagnostic(`${CASES * 4} cases, windows: ${JSON.stringify(kinds)}`);
  for (const kind of ["missing", "torn", "lag", "exact", "estimated"])
    assert.ok((kinds[kind] ?? 0) >= CASES / 20, `only ${kinds[kind] ?? 0} windows were ${kind}`);
});

for (const planted of ["v_inclusive", "neighbours_v", "start_is_genesis"] as const) {
  test(`a planted mistake is seen: ${planted}`, (t) => {
    let caught = 0;
    for (let seed = SEED; seed < SEED + 1000; seed++) {
      try {
        oneCase(seed, planted);
      } catch {
        caught++;
      }
    }
    t.diagnostic(`${caught} of 1000 cases fail`);
    assert.ok(caught > 0);
  });
}

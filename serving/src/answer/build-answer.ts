// From what was read to the answer: a pure function, so that no number in it can contradict another.
import {
  type Answer,
  type AnswerPoint,
  type Decimal,
  dayStart,
  type EarlierWindows,
  type EpochMs,
  formatDay,
  formatInstant,
  type GroupPoint,
  groupValues,
  jsonDecimal,
  type MissingRange,
  OTHER_GROUP,
  type UtcDay,
  type Window,
  type WindowPoints,
} from "@tandem/shared-logic";
import type { Comparing } from "../query/demands.ts";
import type { Query } from "../query/query.ts";
import { whereText } from "../query/where.ts";
import type { Seam } from "../read/seam.ts";
import { dimsShown, REST_GROUP } from "../read/shown-groups.ts";

export interface AnswerFacts {
  readonly horizon: EpochMs | undefined;
  readonly freshness: EpochMs | undefined;
  readonly now: EpochMs;
}

export interface AnswerMore extends Pick<Answer, "cost"> {
  readonly groups?: number | undefined;
  readonly total?: readonly WindowPoints[] | undefined;
  readonly compared?: readonly WindowPoints[] | undefined;
  readonly comparedSeam?: Seam | undefined;
}

export function buildAnswer(
  query: Query,
  seam: Seam,
  windows: readonly WindowPoints[],
  facts: AnswerFacts,
  more: AnswerMore,
): Answer {
  const { metric } = query;
  const isClosed = (day: UtcDay): boolean => dayStart((day + 1) as UtcDay) <= facts.now;
  const sum = (of: (w: WindowPoints) => number): number => windows.reduce((n, w) => n + of(w), 0);
  const pending = (w: WindowPoints): number =>
    [...w.aboveRuns].reduce((n, [day, events]) => n + (isClosed(day) ? events : 0), 0);
  return {
    metric: metric.name,
    version: metric.version,
    unit: metric.unit,
    from: formatInstant(query.from),
    until: formatInstant(query.until),
    grain: query.grain,
    tz: query.tz,
    by: query.by,
    ...(query.asOf ? { as_of: query.asOf.text } : {}),
    ...(query.where.size > 0 ? { where: Object.fromEntries(query.where) } : {}),
    ...(query.filter ? { filter: whereText(query.filter) } : {}),
    points: pointsOf(query, windows, facts),
    ...(more.groups === undefined ? {} : { groups: more.groups }),
    ...(more.total ? { total: pointsOf({ ...query, by: [] }, more.total, facts) } : {}),
    ...(query.compare && more.compared
      ? { compare: comparison(query, query.compare, more.compared, facts) }
      : {}),
    cost: more.cost,
    horizon: instantOrNull(facts.horizon),
    freshness: instantOrNull(facts.freshness),
    missing: missingRanges(windows),
    late_pending: sum(pending),
    suspected: sum((w) => w.suspected),
    unchecked: sum((w) => w.unchecked),
    skipped: sum((w) => w.skipped),
    capped: windows.some((w) => w.capped),
    degraded: degradations(
      [seam, more.comparedSeam],
      [...windows, ...(more.total ?? []), ...(more.compared ?? [])],
    ),
  };
}

const pointsOf = (
  query: Query,
  windows: readonly WindowPoints[],
  { freshness }: AnswerFacts,
): AnswerPoint[] =>
  windows.flatMap((w) => w.points.map((p) => answerPoint(query, w.window, p, freshness)));

function comparison(
  query: Query,
  { to, range, windows: wanted }: Comparing,
  windows: readonly WindowPoints[],
  { freshness }: AnswerFacts,
): EarlierWindows {
  return {
    to,
    from: formatInstant(range.from),
    until: formatInstant(range.until),
    points: windows.flatMap((w, i) =>
      w.points.map((p) => ({
        ...answerPoint(query, w.window, p, freshness),
        beside: formatInstant(wanted[i]?.beside.from ?? w.window.from),
      })),
    ),
    missing: missingRanges(windows),
  };
}

const instantOrNull = (at: EpochMs | undefined): string | null =>
  at === undefined ? null : formatInstant(at);
const jsonOrNull = (value: Decimal | null): number | string | null =>
  value === null ? null : jsonDecimal(value);

/** Where some partition was never heard of, nobody knows what speed lacks: nothing of it is called exact. */
function answerPoint(
  query: Query,
  window: Window,
  point: GroupPoint,
  freshness: EpochMs | undefined,
): AnswerPoint {
  const { estimate } = point;
  return {
    from: formatInstant(window.from),
    until: formatInstant(window.until),
    ...(query.by.length > 0 ? { by: valuesBy(query, point.group) } : {}),
    value: jsonOrNull(estimate.value),
    low: jsonOrNull(estimate.low),
    high: jsonOrNull(estimate.high),
    exact: point.exact && (point.layer === "batch" || freshness !== undefined),
    layer: point.layer,
    ...(point.run === undefined ? {} : { run: point.run }),
  };
}

function valuesBy(query: Query, group: string): Record<string, string | null> {
  if (group === REST_GROUP) return Object.fromEntries(query.by.map((dim) => [dim, REST_GROUP]));
  const values = groupValues(group);
  const dims = dimsShown(query);
  return Object.fromEntries(
    query.by.map((dim) => [dim, values ? (values[dims.indexOf(dim)] ?? null) : OTHER_GROUP]),
  );
}

/** Neighbours that lack the same for the same reason are one range. */
function missingRanges(windows: readonly WindowPoints[]): MissingRange[] {
  const ranges: { from: EpochMs; until: EpochMs; why: string }[] = [];
  for (const { window, missing } of windows) {
    if (missing === undefined) continue;
    const last = ranges.at(-1);
    if (last && last.until === window.from && last.why === missing) last.until = window.until;
    else ranges.push({ ...window, why: missing });
  }
  return ranges.map((r) => ({
    from: formatInstant(r.from),
    until: formatInstant(r.until),
    why: r.why,
  }));
}

function degradations(
  seams: readonly (Seam | undefined)[],
  windows: readonly WindowPoints[],
): string[] {
  const codes = new Set<string>();
  for (const w of windows) {
    if (w.lag) codes.add("lag");
    for (const partition of w.torn) codes.add(`flush_interrupted:${partition}`);
  }
  for (const seam of seams) {
    if (!seam) continue;
    for (const day of seam.notKept ?? []) codes.add(`run_not_kept:${formatDay(day)}`);
    for (const [day, entry] of seam.days) if (entry?.pinned) codes.add(`pinned:${formatDay(day)}`);
  }
  return [...codes].sort();
}

// From what was read to the answer: a pure function, so that no number in it can contradict another.
import {
  type Answer,
  type AnswerPoint,
  type Decimal,
  type EarlierWindows,
  type EpochMs,
  formatDay,
  formatInstant,
  type GroupPoint,
  getOrMake,
  groupValues,
  jsonDecimal,
  type MissingRange,
  OTHER_GROUP,
  type WindowPoints,
} from "@tandem/shared-logic";
import type { Comparing } from "../query/demands.ts";
import type { Query } from "../query/query.ts";
import { whereText } from "../query/where.ts";
import type { Seam } from "../read/seam.ts";
import { dimsShown, REST_GROUP } from "../read/shown-groups.ts";
import { KeptPoints, type Written } from "./kept-points.ts";
import { pendingOf, type SpanSums, spanSums, sumUp } from "./window-sums.ts";

const NO_POINTS: readonly AnswerPoint[] = [];
/** In `degraded`, with the partition: rows were read above its position. */
export const FLUSH_INTERRUPTED = "flush_interrupted";

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
  spans: readonly (readonly WindowPoints[])[],
  facts: AnswerFacts,
  more: AnswerMore,
  kept?: KeptPoints,
): Answer {
  const { metric } = query;
  const written = writtenIn(query, spans, facts, kept);
  const sums = sumUp(written.map(({ sums }) => sums));
  const compared = more.compared && spanSums(more.compared);
  const all = [sums, more.total && spanSums(more.total), compared];
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
    points: pointsOf(written),
    ...(more.groups === undefined ? {} : { groups: more.groups }),
    ...(more.total
      ? { total: pointsOf(writtenIn({ ...query, by: [] }, [more.total], facts)) }
      : {}),
    ...(query.compare && more.compared
      ? {
          compare: {
            ...comparison(query, query.compare, more.compared, facts),
            missing: missingRanges(compared),
          },
        }
      : {}),
    cost: more.cost,
    horizon: instantOrNull(facts.horizon),
    freshness: instantOrNull(facts.freshness),
    missing: missingRanges(sums),
    late_pending: pendingOf(sums, facts.now),
    suspected: sums.suspected,
    unchecked: sums.unchecked,
    skipped: sums.skipped,
    capped: sums.capped,
    degraded: degradations([seam, more.comparedSeam], all),
  };
}

const pointsOf = (written: readonly Written[]): AnswerPoint[] =>
  NO_POINTS.concat(...written.map(({ points }) => points));

function writtenIn(
  query: Query,
  spans: readonly (readonly WindowPoints[])[],
  { freshness }: AnswerFacts,
  kept = new KeptPoints(),
): readonly Written[] {
  const known = freshness !== undefined;
  const byOf = query.by.length > 0 ? groupsBy(query) : undefined;
  let [edge, edgeText] = [Number.NaN, ""];
  return kept.of(spans, known, ({ window, points }) => {
    if (points.length === 0) return NO_POINTS;
    // Most windows begin where the one before ends.
    const from = window.from === edge ? edgeText : formatInstant(window.from);
    const until = formatInstant(window.until);
    [edge, edgeText] = [window.until, until];
    return points.map((point) => answerPoint(from, until, byOf, point, known));
  });
}

function comparison(
  query: Query,
  { to, range, windows: wanted }: Comparing,
  windows: readonly WindowPoints[],
  { freshness }: AnswerFacts,
): Omit<EarlierWindows, "missing"> {
  const byOf = query.by.length > 0 ? groupsBy(query) : undefined;
  return {
    to,
    from: formatInstant(range.from),
    until: formatInstant(range.until),
    points: windows.flatMap((w, i) =>
      w.points.map((p) => ({
        ...answerPoint(
          formatInstant(w.window.from),
          formatInstant(w.window.until),
          byOf,
          p,
          freshness !== undefined,
        ),
        beside: formatInstant(wanted[i]?.beside.from ?? w.window.from),
      })),
    ),
  };
}

const instantOrNull = (at: EpochMs | undefined): string | null =>
  at === undefined ? null : formatInstant(at);
const jsonOrNull = (value: Decimal | null): number | string | null =>
  value === null ? null : jsonDecimal(value);

type GroupValues = (group: string) => Record<string, string | null>;

/**
 * Where some partition was never heard of (not `known`), nobody knows what speed lacks: nothing of it is called
 * exact. Written out, as an answer may have thousands.
 */
function answerPoint(
  from: string,
  until: string,
  byOf: GroupValues | undefined,
  { group, estimate, exact: sure, layer, run }: GroupPoint,
  known: boolean,
): AnswerPoint {
  const value = jsonOrNull(estimate.value);
  const low = estimate.low === estimate.value ? value : jsonOrNull(estimate.low);
  const high = estimate.high === estimate.value ? value : jsonOrNull(estimate.high);
  const exact = sure && (layer === "batch" || known);
  if (byOf) {
    const by = byOf(group);
    return run === undefined
      ? { from, until, by, value, low, high, exact, layer }
      : { from, until, by, value, low, high, exact, layer, run };
  }
  return run === undefined
    ? { from, until, value, low, high, exact, layer }
    : { from, until, value, low, high, exact, layer, run };
}

/** The dimensions of each group, made once: all its points share them. */
function groupsBy(query: Query): GroupValues {
  const made = new Map<string, Record<string, string | null>>();
  return (group) => getOrMake(made, group, () => valuesBy(query, group));
}

function valuesBy(query: Query, group: string): Record<string, string | null> {
  if (group === REST_GROUP) return Object.fromEntries(query.by.map((dim) => [dim, REST_GROUP]));
  const values = groupValues(group);
  const dims = dimsShown(query);
  return Object.fromEntries(
    query.by.map((dim) => [dim, values ? (values[dims.indexOf(dim)] ?? null) : OTHER_GROUP]),
  );
}

const missingRanges = (sums: SpanSums | undefined): MissingRange[] =>
  (sums?.missing ?? []).map((r) => ({
    from: formatInstant(r.from),
    until: formatInstant(r.until),
    why: r.why,
  }));

function degradations(
  seams: readonly (Seam | undefined)[],
  sums: readonly (SpanSums | undefined)[],
): string[] {
  const codes = new Set<string>();
  for (const { lag, torn } of sums.filter((s) => s !== undefined)) {
    if (lag) codes.add("lag");
    for (const partition of torn) codes.add(`${FLUSH_INTERRUPTED}:${partition}`);
  }
  for (const seam of seams) {
    if (!seam) continue;
    for (const day of seam.notKept ?? []) codes.add(`run_not_kept:${formatDay(day)}`);
    for (const [day, entry] of seam.days) if (entry?.pinned) codes.add(`pinned:${formatDay(day)}`);
  }
  return [...codes].sort();
}

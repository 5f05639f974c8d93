// What a question demands of the seam before cells are read, and of the answer when it is there. Nothing waits:
// what is not there yet is refused at once, with how far it is away.
import {
  type Answer,
  type AnswerPoint,
  type EpochMs,
  formatInstant,
  type Position,
  type Window,
} from "@tandem/shared-logic";
import type { QueryProblem } from "../query/problem.ts";
import type { Query } from "../query/query.ts";

export function notYet(
  { maxStalenessMs, atLeast }: Query,
  positions: readonly (Position | undefined)[],
  freshness: EpochMs | undefined,
  now: EpochMs,
): QueryProblem | undefined {
  let records = 0;
  for (const [partition, to] of atLeast ?? []) {
    if (partition >= positions.length)
      return {
        code: "bad_query",
        parameter: "at_least",
        expected: "a receipt of this dataset",
        got: `one of ${partition + 1} partitions or more; there are ${positions.length}`,
        would_work: ["no at_least, for what is there now"],
      };
    records += Math.max(0, to - (positions[partition]?.to ?? 0));
  }
  const staleMs = freshness === undefined ? null : Math.max(0, now - freshness);
  const late = maxStalenessMs !== undefined && (staleMs === null || staleMs > maxStalenessMs);
  if (records === 0 && !late) return undefined;
  const far = staleMs === null ? "some partition has nothing yet" : `${staleMs} ms behind`;
  return {
    code: "not_yet",
    parameter: records > 0 ? "at_least" : "max_staleness",
    expected: records > 0 ? "events that are in the answer" : `at most ${maxStalenessMs} ms behind`,
    got: records > 0 ? `${records} records before they are; ${far}` : far,
    would_work: [
      "the same after Retry-After",
      ...(staleMs === null || records > 0
        ? []
        : [`max_staleness=${Math.ceil(staleMs / 1000) + 1}s`]),
    ],
    lag: { stale_ms: staleMs, records },
  };
}

/** The widest interval against its value, where that is more than was asked for. */
export function tooUncertain(query: Query, answer: Answer): QueryProblem | undefined {
  const { maxError } = query;
  if (maxError === undefined) return undefined;
  const points = [...answer.points, ...(answer.total ?? []), ...(answer.compare?.points ?? [])];
  const wide = points.filter((p) => errorOf(p) > maxError);
  let worst = wide[0];
  if (!worst) return undefined;
  for (const p of wide) if (errorOf(p) > errorOf(worst)) worst = p;
  const error = errorOf(worst);
  const enough = Math.ceil(error * 10_000) / 10_000;
  const cut = oneList(query, wide);
  return {
    code: "too_uncertain",
    parameter: "max_error",
    expected: `every interval within ${maxError} of its value`,
    got: `${Number.isFinite(error) ? error.toPrecision(3) : "an interval about 0"} at ${worst.from}${
      cut ? `, whose list of the largest does not name ${Object.values(worst.by ?? {}).join()}` : ""
    }`,
    would_work: [
      enough <= 1 ? `max_error=${enough}` : "no max_error",
      ...(cut ? [`until=${formatInstant(cut.until)}`] : []),
      ...sealedParts(query, answer.horizon, wide),
    ],
  };
}

function errorOf({ value, low, high }: AnswerPoint): number {
  if (value === null || low === null || high === null || low === high) return 0;
  const [v, l, h] = [Number(value), Number(low), Number(high)];
  return Math.max(h - v, v - l) / Math.abs(v);
}

/**
 * The first window, where only groups are uncertain that the lists of sealed windows leave out: they are shown as
 * another window's list has them, so that a window alone shows only what its list names.
 */
function oneList({ metric, by, windows }: Query, wide: readonly AnswerPoint[]): Window | undefined {
  if (!metric.reducer.inside || by.length === 0 || windows.length < 2) return undefined;
  return wide.every((p) => p.by !== undefined && p.layer === "batch") ? windows[0] : undefined;
}

/** What leaves out, of what is uncertain, all that is not sealed: as far as nothing else is. */
function sealedParts(
  { from, until, layer }: Query,
  horizon: string | null,
  wide: readonly AnswerPoint[],
): string[] {
  const sealed = horizon === null ? undefined : Date.parse(horizon);
  if (sealed === undefined || sealed <= from || layer !== "both") return [];
  const ends = sealed < until && wide.every((p) => Date.parse(p.until) > sealed);
  return [
    ...(ends ? [`until=${horizon}`] : []),
    ...(wide.every((p) => p.layer !== "batch") ? ["consistency=sealed"] : []),
  ];
}

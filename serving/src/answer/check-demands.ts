// What a question demands of the seam before cells are read, and of the answer when it is there. Nothing waits:
// what is not there yet is refused at once, with how far it is away.
import type { Answer, EpochMs, Position } from "@tandem/shared-logic";
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

/** Half-width of the widest interval against its value, where that is more than was asked for. */
export function tooUncertain({ maxError }: Query, answer: Answer): QueryProblem | undefined {
  if (maxError === undefined) return undefined;
  let worst = 0;
  let where = "";
  for (const p of [...answer.points, ...(answer.total ?? []), ...(answer.compare?.points ?? [])]) {
    if (p.value === null || p.low === null || p.high === null || p.low === p.high) continue;
    const [value, low, high] = [Number(p.value), Number(p.low), Number(p.high)];
    const error = Math.max(high - value, value - low) / Math.abs(value);
    if (error > worst) [worst, where] = [error, p.from];
  }
  if (worst <= maxError) return undefined;
  const enough = Math.ceil(worst * 10_000) / 10_000;
  return {
    code: "too_uncertain",
    parameter: "max_error",
    expected: `every interval within ${maxError} of its value`,
    got: `${Number.isFinite(worst) ? worst.toPrecision(3) : "an interval about 0"} at ${where}`,
    would_work: [
      ...(enough <= 1 ? [`max_error=${enough}`] : ["no max_error"]),
      ...(answer.horizon === null ? [] : [`until=${answer.horizon}`, "consistency=sealed"]),
    ],
  };
}

// A question that reads or shows more than one may: what it would cost, and what would fit.
import { DAY_MS, type EpochMs, formatInstant } from "@tandem/shared-logic";
import type { Cost, QueryProblem } from "./problem.ts";
import type { Query } from "./query.ts";

export function tooMuch(query: Query, cost: Cost): QueryProblem {
  const fits = ((query.until - query.from) * cost.limit) / cost.cells / DAY_MS;
  const days = Math.floor(fits);
  return {
    code: "too_much",
    parameter: "until",
    expected: `a question that reads at most ${cost.limit} cells`,
    got: `one that may read ${cost.cells}`,
    would_work: [
      ...(days > 0
        ? [`until=${formatInstant((query.from + days * DAY_MS) as EpochMs)}`]
        : ["a shorter range"]),
      ...(query.by.length > 0 ? ["no by"] : []),
    ],
    cost,
  };
}

export function tooManyPoints(query: Query, points: number, limit: number): QueryProblem {
  return {
    code: "bad_query",
    parameter: query.by.length > 0 ? "by" : "grain",
    expected: `at most ${limit} points`,
    got: `${points} points: ${query.windows.length} windows by ${Math.ceil(points / query.windows.length)} groups`,
    would_work: ["grain=total", "limit=10 with by", "a shorter range"],
  };
}

// From a metric's name and parameters to a query of the version that answers: the one shown, or that was at `asOf`.
import type { EpochMs } from "@tandem/shared-logic";
import { type Refused, refused } from "./prepared.ts";
import { KnownQueries } from "./query/known-queries.ts";
import type { QueryParams } from "./query/problem.ts";
import type { Query, QueryLimits } from "./query/query.ts";
import type { DayLedger } from "./read/day-ledger.ts";
import type { MetricVersions } from "./read/metric-versions.ts";
import { resolveAsOf } from "./read/resolve-as-of.ts";

type Understood = { readonly ok: true; readonly query: Query } | Refused;

export const understanding = (
  versions: MetricVersions,
  ledger: DayLedger,
  limits: QueryLimits,
): ((params: QueryParams, name: string, now: EpochMs) => Promise<Understood>) => {
  const known = new KnownQueries(limits);
  return async (params, name, now) => {
    const chosen = await versions.choose(name);
    if (!chosen)
      return refused({
        code: "unknown_metric",
        parameter: "metric",
        expected: "a metric's name, or NAME@VERSION",
        got: name.slice(0, 100),
        would_work: versions.wouldWork(name),
      });
    const { metric } = chosen;
    let parsed = known.parse(params, metric, now);
    if (!parsed.ok) return parsed;
    const shownAt = parsed.query.asOf?.at;
    const shown = shownAt === undefined ? metric : chosen.at(shownAt);
    if (shown !== metric) parsed = known.parse(params, shown, now);
    if (!parsed.ok) return parsed;
    return resolveAsOf(ledger, parsed.query);
  };
};

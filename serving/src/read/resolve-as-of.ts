// A run named in `asOf` answers for its own day; the other days of the range answer as they did when it became
// current. A run that is not kept is a problem that names those that are.
import { dayOf, type EpochMs, parseDay, shownSince } from "@tandem/shared-logic";
import type { QueryProblem } from "../query/problem.ts";
import type { Query } from "../query/query.ts";
import type { DayLedger } from "./day-ledger.ts";

export type Resolved =
  | { readonly ok: true; readonly query: Query }
  | { readonly ok: false; readonly problem: QueryProblem };

export async function resolveAsOf(ledger: DayLedger, query: Query): Promise<Resolved> {
  const { asOf, metric } = query;
  if (asOf?.run === undefined) return { ok: true, query };
  const day = parseDay(asOf.run.slice(0, asOf.run.lastIndexOf("-")));
  const inRange =
    day !== undefined && day >= dayOf(query.from) && day <= dayOf((query.until - 1) as EpochMs);
  const row = inRange ? (await ledger.read([day])).get(day)?.row : undefined;
  const kept = (row?.selectable[metric.fingerprint] ?? []).map((r) => r.run);
  if (!row || !kept.includes(asOf.run)) {
    const problem: QueryProblem = {
      code: "bad_query",
      parameter: "asOf",
      expected: inRange ? `a run of ${metric.name} that is kept` : "a run of a day in the range",
      got: asOf.run,
      would_work: kept.length > 0 ? kept : ["asOf=2019-10-01T12:00:00Z, any moment", "no asOf"],
    };
    return { ok: false, problem };
  }
  const at = shownSince(row, metric.fingerprint, asOf.run);
  return { ok: true, query: { ...query, asOf: { ...asOf, at } } };
}

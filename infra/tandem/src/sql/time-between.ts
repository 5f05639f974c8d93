// Time between events, as SQL: from each moment that a gap may start with to the next that may end it.
import type { Condition } from "@tandem/shared-logic";
import type { Occurrences, PerUserQuestion } from "./occurrences.ts";
import { numberOf, textOf } from "./spec.ts";
import { interval, listed } from "./text.ts";

export function timeBetweenCtes({ shape, dims, fields }: PerUserQuestion): Occurrences {
  const condition = (name: string): string | undefined => {
    const c = shape[name] as unknown as Condition | null;
    return c === null ? undefined : fields.condition(c);
  };
  const starts = condition("from") ?? "true";
  const ends = condition("to") ?? starts;
  const keeps = numberOf(shape, "minuteKeeps");
  const lowest = dims.map(
    (dim) =>
      `first(${dim} ORDER BY ${dims.map((d) => `${d} NULLS FIRST`).join(", ")}) FILTER (WHERE starts) AS ${dim}`,
  );
  return {
    ctes: [
      {
        name: "marked",
        why: `Events of one millisecond are one moment; of a minute's moments the first and the last ${keeps} count.`,
        sql: `SELECT *, dense_rank() OVER same AS nth, dense_rank() OVER (
    PARTITION BY tenant, "user", date_trunc('minute', moment), starts, ends ORDER BY moment DESC) AS nth_last
FROM (SELECT *, ${starts} AS starts, ${ends} AS ends FROM chosen WHERE "user" IS NOT NULL)
WHERE starts OR ends
WINDOW same AS (PARTITION BY tenant, "user", date_trunc('minute', moment), starts, ends ORDER BY moment)
QUALIFY nth <= ${keeps} OR nth_last <= ${keeps}`,
      },
      {
        name: "moments",
        sql: `SELECT ${listed(['tenant, "user", moment, bool_or(starts) AS starts, bool_or(ends) AS ends', ...lowest])}
FROM marked GROUP BY tenant, "user", moment`,
      },
      {
        name: "gaps",
        sql: `SELECT *, min(moment) FILTER (WHERE ends) OVER (
  PARTITION BY tenant, "user" ORDER BY moment ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next_end
FROM moments`,
      },
      {
        name: "occurrences",
        sql: `SELECT ${listed(["tenant, window_start", ...dims, "epoch_ms(next_end) - epoch_ms(moment) AS amount"])}
FROM gaps JOIN windows ON moment >= window_start AND moment < window_end
WHERE starts AND next_end <= moment + ${interval(numberOf(shape, "withinMs"))}`,
      },
    ],
    answer:
      textOf(shape, "value") === "mean"
        ? { kind: "mean", amountScale: 3, digits: numberOf(shape, "digits") }
        : { kind: "quantile", amountScale: 3, q: numberOf(shape, "q") },
  };
}

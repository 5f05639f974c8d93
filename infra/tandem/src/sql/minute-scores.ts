// How far minutes are from the ordinary, as SQL: each minute's count is held against the counts of the minutes before
// it, in window frames over a row per minute that can be judged. Anscombe's transform and the modified z-score are
// those of the reducer's sources, in double precision; only what is shown is rounded.
import { MINUTE_MS } from "@tandem/shared-logic";
import type { Aggregate } from "./aggregate.ts";
import { numberOf, type Spec, textOf } from "./spec.ts";
import { type Cte, listed, tenTo } from "./text.ts";

export interface MinuteScores extends Aggregate {
  readonly ctes: readonly Cte[];
}

/** Undefined where the reducer shows no scores. `table`: events by their groups; ends in `cells`. */
export function minuteScores(
  spec: Spec,
  dims: readonly string[],
  table: string,
): MinuteScores | undefined {
  if (spec["kind"] !== "eventsPerMinute" || spec["value"] === "rate") return undefined;
  const history = numberOf(spec, "historyMinutes");
  const keys = listed(["tenant", ...dims]);
  const group = `PARTITION BY ${keys} ORDER BY minute`;
  const anomalies = textOf(spec, "value") === "anomalies";
  const scale = anomalies ? 0 : numberOf(spec, "digits");
  const value = anomalies
    ? `count(*) FILTER (WHERE abs(score) >= ${numberOf(spec, "threshold")})`
    : `floor(first(score ORDER BY abs(score) DESC, minute) * ${tenTo(scale)} + 0.5)::HUGEINT`;
  const ctes: Cte[] = [
    {
      name: "counts",
      sql: `SELECT ${keys}, epoch_ms(moment) // ${MINUTE_MS} AS minute, count(*) AS n
FROM ${table} GROUP BY ${keys}, minute`,
    },
    {
      name: "minutes",
      why: `A minute with nothing in the ${history} before it cannot be judged.`,
      sql: `SELECT ${keys}, minute, sum(n) AS n
FROM (FROM counts UNION ALL
  SELECT ${keys}, minute + later, 0 FROM counts, (SELECT unnest(range(1, ${history + 1})) AS later))
GROUP BY ${keys}, minute`,
    },
    {
      name: "histories",
      sql: `SELECT *, min(minute) FILTER (WHERE n > 0) OVER past AS earliest, list([minute, 2 * sqrt(n + 0.375)]) OVER past AS past,
  coalesce(bool_or(n > 0) OVER (${group} RANGE BETWEEN CURRENT ROW AND ${history - 1} FOLLOWING), false) AS over
FROM minutes
WINDOW past AS (${group} RANGE BETWEEN ${history} PRECEDING AND 1 PRECEDING)`,
    },
    {
      name: "judged",
      why: "From the first event before it on, which half of the history has to be away.",
      sql: `SELECT ${keys}, minute, 2 * sqrt(n + 0.375) AS x,
  list_transform(list_filter(past, lambda p: p[1] >= earliest), lambda p: p[2]) AS past
FROM histories WHERE over AND minute - earliest >= ${history} / 2`,
    },
    {
      name: "scores",
      why: "1.4826 median absolute deviations are a standard deviation; less than that of independent events there is not.",
      sql: `SELECT ${keys}, minute, (x - middle) / greatest(1,
  1.4826::DOUBLE * middle_of(list_transform(past, lambda p: abs(p - middle)))) AS score
FROM (SELECT *, middle_of(past) AS middle FROM judged)`,
    },
    {
      name: "cells",
      sql: `SELECT ${listed(["tenant, window_start", ...dims])}, ${value} AS a
FROM scores JOIN windows ON make_timestamp_ms(minute * ${MINUTE_MS}) < window_end
  AND make_timestamp_ms((minute + 1) * ${MINUTE_MS}) > window_start
GROUP BY ${listed(["tenant, window_start", ...dims])}`,
    },
  ];
  return { ctes, columns: [], units: "a", scale };
}

// Reducers over what each user did, as SQL: a table of occurrences, each with the moment or the window it counts in,
// the dimensions of the event that it begins with, and an amount. Written with window functions and joins, not as
// the reducers do it.
import { funnelCtes } from "./funnel.ts";
import type { Occurrences, PerUserQuestion } from "./occurrences.ts";
import { numberOf, textOf } from "./spec.ts";
import { interval, listed } from "./text.ts";
import { timeBetweenCtes } from "./time-between.ts";
import { activeWithinCtes, newUsersCtes, retentionCtes } from "./user-days.ts";

const SHAPES: Readonly<Record<string, (q: PerUserQuestion) => Occurrences | undefined>> = {
  sessions,
  funnel: funnelCtes,
  activeWithin: activeWithinCtes,
  newUsers: newUsersCtes,
  retention: retentionCtes,
  timeBetween: timeBetweenCtes,
};

export const SHAPE_KINDS: readonly string[] = Object.keys(SHAPES);

export const occurrencesOf = (q: PerUserQuestion): Occurrences | undefined =>
  SHAPES[textOf(q.shape, "kind")]?.(q);

function sessions({ shape, dims }: PerUserQuestion): Occurrences {
  const value = textOf(shape, "value");
  const first = dims.map((dim) => `first(${dim} ORDER BY moment, event_id) AS ${dim}`);
  const length = "epoch_ms(ended) - epoch_ms(started)";
  const amount =
    value === "length"
      ? `least(${length}, ${numberOf(shape, "maxLengthMs")})`
      : value === "bounces"
        ? `(${length} = 0)::INTEGER`
        : "0";
  return {
    ctes: [
      {
        name: "gaps",
        sql: `SELECT *, moment - lag(moment) OVER (PARTITION BY tenant, "user" ORDER BY moment) AS gap
FROM chosen WHERE "user" IS NOT NULL`,
      },
      {
        name: "numbered",
        sql: `SELECT *, count(*) FILTER (WHERE gap > ${interval(numberOf(shape, "gapMs"))})
  OVER (PARTITION BY tenant, "user" ORDER BY moment) AS session
FROM gaps`,
      },
      {
        name: "sessions",
        why: "With the dimensions of its first event; of one moment the event of the lowest id.",
        sql: `SELECT ${listed(['tenant, "user", session, min(moment) AS started, max(moment) AS ended', ...first])}
FROM numbered GROUP BY tenant, "user", session`,
      },
      {
        name: "occurrences",
        sql: `SELECT ${listed(["tenant, window_start", ...dims, `${amount} AS amount`])}
FROM sessions JOIN windows ON started >= window_start AND started < window_end`,
      },
    ],
    answer:
      value === "started"
        ? { kind: "total" }
        : shape["q"] !== undefined
          ? { kind: "quantile", amountScale: 3, q: numberOf(shape, "q") }
          : {
              kind: "mean",
              amountScale: value === "length" ? 3 : 0,
              digits: numberOf(shape, "digits"),
            },
  };
}

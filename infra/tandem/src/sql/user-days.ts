// Rolling windows, new users and retention, as SQL over the days that a user is active on.

import type { Occurrences, PerUserQuestion } from "./occurrences.ts";
import { listOf, numberOf, type Spec, textOf } from "./spec.ts";
import { type Cte, interval, listed } from "./text.ts";

const DAY_MS = 86_400_000;

/** A user's days, with the dimensions of each day's first event. */
const userDays = (dims: readonly string[]): Cte => ({
  name: "user_days",
  why: "With the dimensions of the day's first event; of one moment the event of the lowest id.",
  sql: `SELECT ${listed(["tenant, \"user\", date_trunc('day', moment) AS day", ...dims])}
FROM chosen WHERE "user" IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY tenant, "user", date_trunc('day', moment) ORDER BY moment, event_id) = 1`,
});

const newDays = (shape: Spec): Cte => ({
  name: "new_days",
  sql: `SELECT * FROM user_days
QUALIFY coalesce(day - lag(day) OVER (PARTITION BY tenant, "user" ORDER BY day)
  > ${interval(numberOf(shape, "lookbackDays") * DAY_MS)}, true)`,
});

export function activeWithinCtes({ shape, dims }: PerUserQuestion): Occurrences {
  const days = numberOf(shape, "days");
  const today = `date_trunc('day', window_end - INTERVAL 1 MILLISECOND)`;
  return {
    ctes: [
      userDays(dims),
      {
        name: "occurrences",
        why: "With the dimensions of the last day that the user was active on.",
        sql: `SELECT ${listed(["tenant, window_start", ...dims, `(day = ${today})::INTEGER AS amount`])}
FROM user_days JOIN windows ON day <= ${today} AND day > ${today} - ${interval(days * DAY_MS)}
QUALIFY row_number() OVER (PARTITION BY window_start, tenant, "user" ORDER BY day DESC) = 1`,
      },
    ],
    answer:
      textOf(shape, "value") === "users"
        ? { kind: "total" }
        : { kind: "mean", amountScale: 0, digits: numberOf(shape, "digits") },
  };
}

export function newUsersCtes({ shape, dims }: PerUserQuestion): Occurrences {
  return {
    ctes: [
      userDays(dims),
      newDays(shape),
      {
        name: "occurrences",
        sql: `SELECT ${listed(["tenant, window_start", ...dims, "0 AS amount"])}
FROM new_days JOIN windows ON day >= window_start AND day < window_end`,
      },
    ],
    answer: { kind: "total" },
  };
}

export function retentionCtes({ shape, dims }: PerUserQuestion): Occurrences {
  const on = listOf(shape, "on").map(Number);
  const period = textOf(shape, "period");
  const rate = textOf(shape, "value") === "rate";
  const returned = `EXISTS (
    SELECT 1 FROM user_days r WHERE r.tenant = n.tenant AND r."user" = n."user"
    AND date_trunc('${period}', r.day) = date_trunc('${period}', n.day) + later * INTERVAL 1 ${period.toUpperCase()})`;
  return {
    ctes: [
      userDays(dims),
      newDays(shape),
      {
        name: "returns",
        sql: `SELECT n.*, later, ${returned} AS returned
FROM new_days n, (SELECT unnest([${listed([0, ...on].map(String))}]) AS later)`,
      },
      {
        name: "occurrences",
        sql: `SELECT ${listed(["tenant, window_start", ...dims, "later::VARCHAR AS item, returned::INTEGER AS amount"])}
FROM returns JOIN windows ON day >= window_start AND day < window_end${rate ? "" : "\nWHERE returned"}`,
      },
    ],
    answer: rate
      ? { kind: "mean", amountScale: 0, digits: numberOf(shape, "digits") }
      : { kind: "total" },
    list: { path: "return", headline: `${on[0]}` },
  };
}

// Funnels, as SQL: from every first step, the earliest event that may be the next one, step by step. One event
// counts for every step it matches.
import type { Condition } from "@tandem/shared-logic";
import type { Occurrences, PerUserQuestion } from "./occurrences.ts";
import { listOf, numberOf, textOf } from "./spec.ts";
import { type FunnelSearch, strictCtes } from "./strict-funnel.ts";
import { type Cte, interval, listed } from "./text.ts";

export function funnelCtes({ shape, dims, fields }: PerUserQuestion): Occurrences {
  const strict = shape["strict"] === true;
  const steps = listOf(shape, "steps") as unknown as readonly Condition[];
  const increasing = shape["increasing"] === true;
  const value = textOf(shape, "value");
  const marks = steps.map((step, i) => `${fields.condition(step)} AS step_${i + 1}`);
  const names = steps.map((_, i) => `step_${i + 1}`);
  const keeps = numberOf(shape, "minuteKeeps");
  const minute = listed(['tenant, "user"', "date_trunc('minute', moment)", ...names]);
  const dimOrder = (direction: string, nulls: string): string[] =>
    dims.map((dim) => `${dim} ${direction} NULLS ${nulls}`);
  const kept = (direction: string, nulls: string): string =>
    `row_number() OVER (PARTITION BY ${minute} ORDER BY ${listed([`moment ${direction}`, ...dimOrder(direction, nulls)])}) <= ${keeps}`;
  const ctes: Cte[] = [
    {
      name: "marked",
      sql: `SELECT DISTINCT ${listed(['tenant, "user", moment', ...dims, ...marks])}
FROM chosen WHERE "user" IS NOT NULL${strict ? "" : ` AND (${names.join(" OR ")})`}`,
    },
    {
      name: "steps",
      once: true,
      why: `Of a minute's events of the same steps the first and the last ${keeps} count.`,
      sql: `SELECT *, row_number() OVER (ORDER BY tenant, "user", moment) AS id
FROM (SELECT * FROM marked
  QUALIFY ${kept("ASC", "FIRST")}
    OR ${kept("DESC", "LAST")})`,
    },
  ];
  const question = {
    steps: steps.length,
    dims,
    increasing,
    windowMs: numberOf(shape, "windowMs"),
  };
  ctes.push(...(strict ? strictCtes(question) : everyChainCtes(question)));
  if (value === "time") {
    ctes.push({
      name: "occurrences",
      sql: `SELECT ${listed(["tenant, window_start", ...dims, "epoch_ms(reached) - epoch_ms(started) AS amount"])}
FROM best WHERE level = ${steps.length}`,
    });
    return { ctes, answer: { kind: "mean", amountScale: 3, digits: numberOf(shape, "digits") } };
  }
  ctes.push({
    name: "occurrences",
    sql: `SELECT ${listed(["tenant, window_start", ...dims, "step::VARCHAR AS item, (level >= step)::INTEGER AS amount"])}
FROM best, (SELECT unnest(range(1, ${steps.length + 1})) AS step)${value === "rate" ? "" : "\nWHERE level >= step"}`,
  });
  return {
    ctes,
    answer:
      value === "rate"
        ? { kind: "mean", amountScale: 0, digits: numberOf(shape, "digits") }
        : { kind: "total" },
    list: { path: "step", headline: `${steps.length}` },
  };
}

/** From `steps` to `best`, all chains followed. */
function everyChainCtes({ steps, dims, increasing, windowMs }: FunnelSearch): Cte[] {
  const names = Array.from({ length: steps }, (_, i) => `step_${i + 1}`);
  const ctes: Cte[] = [
    {
      name: "reached_1",
      sql: `SELECT tenant, "user", id AS chain, moment AS started, moment AS reached FROM steps WHERE step_1`,
    },
  ];
  for (let step = 2; step <= steps; step++) {
    ctes.push({
      name: `reached_${step}`,
      sql: `SELECT c.tenant, c."user", c.chain, c.started, e.moment AS reached
FROM reached_${step - 1} c JOIN steps e ON e.tenant = c.tenant AND e."user" = c."user" AND e.step_${step}
  AND e.moment ${increasing ? ">" : ">="} c.reached AND e.moment <= c.started + ${interval(windowMs)}
QUALIFY row_number() OVER (PARTITION BY c.chain ORDER BY e.moment) = 1`,
    });
  }
  const levels = names.map(
    (_, i) => `SELECT chain, ${i + 1} AS level, started, reached FROM reached_${i + 1}`,
  );
  // Of one moment's first steps the first stands for nothing more, and the last for the chain that goes on.
  const [first, last] = increasing ? (["DESC", "ASC"] as const) : (["ASC", "DESC"] as const);
  const nulls = { ASC: "FIRST", DESC: "LAST" };
  const tie = [
    ...dims.map((dim) => `CASE WHEN level = 1 THEN ${dim} END ${first} NULLS ${nulls[first]}`),
    ...dims.map((dim) => `${dim} ${last} NULLS ${nulls[last]}`),
  ];
  ctes.push(
    {
      name: "levels",
      sql: levels.join("\nUNION ALL "),
    },
    {
      name: "best",
      why: "A user counts once in a window, by the first chain that went furthest.",
      sql: `SELECT ${listed(["window_start, level, started, reached, s.tenant", ...dims])}
FROM levels JOIN steps s ON s.id = chain JOIN windows ON started >= window_start AND started < window_end
QUALIFY row_number() OVER (
  PARTITION BY window_start, s.tenant, s."user" ORDER BY ${listed(["level DESC, reached, started DESC", ...tie])}) = 1`,
    },
  );
  return ctes;
}

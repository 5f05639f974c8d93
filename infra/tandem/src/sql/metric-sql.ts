// A metric's declaration as DuckDB SQL over the archive: the same numbers as batch, by another road. It follows from the
// declaration alone; a reducer that has no SQL is a problem that is said, never another number.
import type { Grain, MetricDescription, Path } from "@tandem/shared-logic";
import { aggregateOf } from "./aggregate.ts";
import { eventCtes, type Range, windowsCte } from "./archive.ts";
import { Fields } from "./fields.ts";
import { macrosFor } from "./macros.ts";
import { minuteScores } from "./minute-scores.ts";
import { occurrencesOf } from "./per-user.ts";
import { specOf, textOf } from "./spec.ts";
import { type Cte, listed, literal, named, tenTo, withCtes } from "./text.ts";

export interface SqlQuestion extends Range {
  /** What FROM can name: read_parquet('…'), or a table of the archive's columns. */
  readonly archive: string;
  readonly grain: Grain;
  /** One of the metric's grouping sets; the total is []. */
  readonly by: readonly Path[];
  /** Default: every tenant. */
  readonly tenant?: string | undefined;
}

export type MetricSql =
  | { readonly ok: true; readonly sql: string }
  | { readonly ok: false; readonly problem: string };

/** Macros, and one SELECT of: tenant, window_start, the dimensions, value. No row where nothing happened. */
export function metricSql(d: MetricDescription, q: SqlQuestion): MetricSql {
  const made = d.spec.kind === "perUser" ? perUserSql(d, q) : aggregateSql(d, q);
  if (made === undefined) {
    const kind = d.spec.kind === "perUser" ? textOf(specOf(d.spec, "shape"), "kind") : d.spec.kind;
    return { ok: false, problem: `there is no SQL for ${d.name}: its reducer is ${kind}` };
  }
  return { ok: true, sql: `${macrosFor(made)}${made};\n` };
}

/** Units of 10^-scale as a decimal. */
const shown = (units: string, scale: number): string =>
  scale === 0 ? units : `CAST(plain_text(${units}, ${scale}) AS DECIMAL(38, ${scale}))`;

const groupText = (columns: readonly string[]): string => `to_json([${listed(columns)}])::VARCHAR`;

function aggregateSql(d: MetricDescription, q: SqlQuestion): string | undefined {
  const fields = new Fields();
  const dims = q.by.map((path) => fields.text(path));
  const where = d.where === null ? undefined : fields.condition(d.where);
  const { spec, selects } = d;
  const from = dims.length === 0 ? "counted" : "capped";
  const scores = minuteScores(spec, dims, from);
  const aggregate = scores ?? aggregateOf({ spec, selects, fields, prefix: "a" });
  if (!aggregate) return undefined;
  const { columns, units, scale, readable } = aggregate;
  // A list keeps its items window by window; groups of a metric that keeps too many are those of a day.
  const isList = d.spec.kind === "topK";
  const keys = listed(["tenant, window_start", ...dims]);
  const counted: Cte = {
    name: "counted",
    sql: `SELECT * FROM chosen${readable === undefined ? "" : `\nWHERE ${readable}`}`,
  };
  const capped = dims.length === 0 || isList ? [] : cappedCtes(dims, d.limit);
  const cells: Cte = {
    name: "cells",
    sql: `SELECT ${listed([keys, "window_end", ...columns.map(({ name, sql }) => `${sql} AS ${name}`)])}
FROM ${capped.length === 0 ? "counted" : "capped"} JOIN windows ON moment >= window_start AND moment < window_end
GROUP BY ${keys}, window_end`,
  };
  const ctes = [...eventCtes(q.archive, q.tenant, where, fields), windowsCte(q.grain, q)];
  const best = isList && dims.length > 0 ? `\n${keptGroups(dims, units, d.limit)}` : "";
  const select = `SELECT ${keys}, ${shown(units, scale)} AS value\nFROM cells${best}\nORDER BY ${keys}`;
  return withCtes([...ctes, counted, ...capped, ...(scores?.ctes ?? [cells])], select);
}

/** Groups beyond the limit are "(other)": of a day those of most events are kept. */
function cappedCtes(dims: readonly string[], limit: number): Cte[] {
  const other = dims.map((dim) => `CASE WHEN kept THEN c.${dim} ELSE '(other)' END AS ${dim}`);
  const same = dims.map((dim) => `c.${dim} IS NOT DISTINCT FROM r.${dim}`);
  return [
    {
      name: "ranked",
      why: `A day keeps the ${limit} groups that most events have; the others are (other).`,
      sql: `SELECT tenant, date_trunc('day', moment) AS day, ${listed(dims)}, row_number() OVER (
    PARTITION BY tenant, date_trunc('day', moment) ORDER BY count(*) DESC, ${groupText(dims)}) <= ${limit} AS kept
FROM chosen GROUP BY tenant, date_trunc('day', moment), ${listed(dims)}`,
    },
    {
      name: "capped",
      sql: `SELECT c.* REPLACE (${listed(other)})
FROM counted c JOIN ranked r ON c.tenant = r.tenant AND date_trunc('day', c.moment) = r.day
  AND ${same.join(" AND ")}`,
    },
  ];
}

const keptGroups = (dims: readonly string[], value: string, limit: number): string =>
  `QUALIFY row_number() OVER (
  PARTITION BY tenant, window_start ORDER BY coalesce(${value}, 0) DESC, ${groupText(dims)}) <= ${limit}`;

function perUserSql(d: MetricDescription, q: SqlQuestion): string | undefined {
  const fields = new Fields();
  const listPath = textOf(specOf(d.spec, "shape"), "kind") === "funnel" ? "step" : "return";
  const inside = [...new Set(d.sets.flat())].filter((path) => path !== listPath);
  const dims = inside.map((path) => fields.text(path));
  const where = d.where === null ? undefined : fields.condition(d.where);
  const made = occurrencesOf({ shape: specOf(d.spec, "shape"), dims, fields });
  if (!made) return undefined;
  const { answer, list, ctes } = made;
  const by = q.by.map((path) => (path === list?.path ? named("item") : fields.text(path)));
  const asked = q.by.map((path, i) =>
    path === list?.path ? `item AS ${named(path)}` : (by[i] ?? ""),
  );
  const [scale, units] =
    answer.kind === "total"
      ? [0, "count(*)"]
      : answer.kind === "quantile"
        ? [answer.amountScale, `quantile_disc(amount, ${answer.q})`]
        : [
            answer.digits,
            `half_even(sum(amount) * ${tenTo(answer.digits)}, count(*) * ${tenTo(answer.amountScale)})`,
          ];
  const keys = ["tenant, window_start", ...by];
  const headline =
    list === undefined || q.by.includes(list.path)
      ? ""
      : `\nWHERE item = ${literal(list.headline)}`;
  const best = by.length === 0 ? "" : `\n${keptGroups(by, units, d.limit)}`;
  const select = `SELECT ${listed(["tenant, window_start", ...asked])}, ${shown(units, scale)} AS value
FROM occurrences${headline}
GROUP BY ${listed(keys)}${best}
ORDER BY ${listed(keys)}`;
  return withCtes(
    [...eventCtes(q.archive, q.tenant, where, fields), windowsCte(q.grain, q), ...ctes],
    select,
  );
}

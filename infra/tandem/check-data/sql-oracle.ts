// The SQL oracle: DuckDB computes from the archive's files what batch has answered, by the SQL of the same declaration.
// Exact points must be equal; of others the interval must hold the truth. A window or group that one side does not
// name is compared as one where nothing happened.
import { DuckDBInstance } from "@duckdb/node-api";
import {
  type Algebra,
  type Answer,
  describeMetric,
  formatDecimal,
  type Grain,
  groupText,
  type Metric,
  type Path,
} from "@tandem/shared-logic";
import { metricSql } from "../src/sql/metric-sql.ts";
import { literal } from "../src/sql/text.ts";

export interface OracleQuestion {
  readonly grain: Grain;
  readonly by: readonly Path[];
  readonly from: string;
  readonly until: string;
}

export interface Verdict {
  /** Windows and groups that either side names. */
  readonly points: number;
  readonly exact: number;
  /** In words. */
  readonly differences: readonly string[];
}

export interface SqlOracle {
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Asks DuckDB once; an answer of any tenant may be judged by what it says. */
  ask(
    metric: Metric,
    question: OracleQuestion,
  ): Promise<(tenant: string, answer: Answer) => Verdict>;
  close(): void;
}

/** `files`: a glob of archive objects. */
export async function openSqlOracle(files: string): Promise<SqlOracle> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  const rows: SqlOracle["rows"] = async (sql) =>
    (await connection.runAndReadAll(sql)).getRowObjectsJson();
  // Read once, however many questions follow.
  await connection.run(
    `CREATE TABLE archive AS FROM read_parquet(${literal(files)}, union_by_name = true)`,
  );
  return {
    rows,
    async ask(metric, question) {
      const made = metricSql(describeMetric(metric), { ...question, archive: "archive" });
      if (!made.ok) throw new RangeError(made.problem);
      const all = await rows(made.sql);
      return (tenant, answer) =>
        compared(
          metric,
          answer,
          all.filter((row) => row["tenant"] === tenant),
        );
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function compared(
  metric: Metric,
  answer: Answer,
  rows: readonly Readonly<Record<string, unknown>>[],
): Verdict {
  const nothing = valueOfNothing(metric);
  const truth = new Map<string, string | null>();
  for (const row of rows) {
    const by = answer.by.map((path) => (row[path] ?? null) as string | null);
    const value = row["value"] === null ? null : plain(String(row["value"]));
    truth.set(`${String(row["window_start"])} ${groupText(by)}`, value);
  }
  const differences: string[] = answer.missing.map((m) => `missing from ${m.from}: ${m.why}`);
  const seen = new Set<string>();
  let exact = 0;
  for (const point of answer.points) {
    const by = answer.by.map((path) => point.by?.[path] ?? null);
    const at = `${point.from.replace("T", " ").replace(/(\.0+)?Z$/, "")} ${groupText(by)}`;
    seen.add(at);
    const expected = truth.get(at) ?? nothing;
    if (point.exact) exact++;
    const right = point.exact
      ? plainOf(point.value) === expected
      : (expected === null && point.value === null) ||
        (Number(point.low) <= Number(expected) && Number(expected) <= Number(point.high));
    if (!right)
      differences.push(
        `${at}: ${point.exact ? "" : "inexact "}${plainOf(point.value)} in [${plainOf(point.low)}, ${plainOf(point.high)}], SQL has ${expected}`,
      );
  }
  for (const [at, value] of truth)
    if (!seen.has(at) && value !== nothing) differences.push(`${at}: nothing, SQL has ${value}`);
  return { points: new Set([...seen, ...truth.keys()]).size, exact, differences };
}

function valueOfNothing({ reducer }: Metric): string | null {
  const { zero, present } = reducer.exact as Algebra<unknown, unknown>;
  const window = { from: 0, until: 1 } as never;
  const { value } = present(zero, { window, events: 0 });
  return value === null ? null : formatDecimal(value);
}

const plainOf = (value: number | string | null): string | null =>
  value === null ? null : plain(String(value));

/** Digits without an exponent and without zeros behind the last that says something. */
function plain(text: string): string {
  const [mantissa = "", exponent] = text.split("e-");
  if (exponent !== undefined) {
    const [whole = "", fraction = ""] = mantissa.replace("-", "").split(".");
    const digits = `0.${whole.padStart(Number(exponent), "0")}${fraction}`;
    return plain(mantissa.startsWith("-") ? `-${digits}` : digits);
  }
  const trimmed = text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
  return trimmed === "-0" ? "0" : trimmed;
}

// The peers' whole batch job from one Parquet file of plain strings: events without copies, then events and
// different users by (hour, tenant, type), (hour, tenant) and (day, tenant). Ours as a batch unit does it:
// copies are dropped, the exact side of the fold runs. DuckDB and Polars have one thread. Equal row for row.
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { foreignColumns } from "@tandem/adapters/parquet";
import { countArrayBytesWithHeap, loadMetricFolder } from "@tandem/adapters/stack";
import { FirstCopies } from "@tandem/batch-layer";
import {
  type CellValue,
  Fold,
  fieldsOf,
  groupValues,
  type Interner,
  type Metric,
} from "@tandem/shared-logic";
import { PLAIN_LAYOUT } from "./batch-fold.ts";
import { writeInput } from "./batch-input.ts";
import type { Row } from "./figure.ts";
import { inFolder } from "./folder.ts";
import type { GoalKey } from "./goals.ts";
import { goalFigure } from "./measured.ts";
import { inTurn, medians, ratio, type Spent } from "./rounds.ts";
import { makeWorkload } from "./workload.ts";

const EVENTS = Number(process.env["EVENTS"] ?? 5_000_000);
const ROUNDS = Number(process.env["ROUNDS"] ?? 3);

/** hour or day | tenant | type -> events and users. */
type Answer = ReadonlyMap<string, string>;
type Cells = Iterable<readonly [key: string, counts: string]>;

const LAYOUT = { ...PLAIN_LAYOUT, eventId: "event_id" };

function ours(file: Uint8Array, metrics: readonly Metric[]): CellValue[] {
  const interners = new Map<string, Interner>();
  const copies = new FirstCopies(EVENTS);
  const fold = new Fold(metrics, "exact", Number.POSITIVE_INFINITY);
  const fields = ["event_id", "tenant", ...new Set(metrics.flatMap(fieldsOf))];
  let sure = new Uint8Array(0);
  for (const columns of foreignColumns(file, LAYOUT, fields, interners)) {
    if (sure.length < columns.count) sure = new Uint8Array(columns.count);
    const rows = copies.select(columns);
    fold.fold(columns, rows, sure, rows.length);
  }
  copies.release();
  for (const interner of interners.values()) interner.release();
  return fold.values();
}

const keyOf = (unit: unknown, at: number, tenant: unknown, type: unknown): string =>
  `${unit}|${at}|${tenant}|${type ?? ""}`;

function* cellsOf(values: readonly CellValue[]): Cells {
  for (const { metric, tenant, group, startMs, events, estimate } of values) {
    const unit = metric.reducer.grains[0] ?? "";
    const key = keyOf(unit, startMs, tenant, groupValues(group)?.[0]);
    yield [key, `${events} ${estimate.value?.units}`];
  }
}

const jobOf = (file: string): string => `
  SELECT CASE WHEN hour IS NULL THEN 'day' ELSE 'hour' END, epoch_ms(coalesce(hour, day)), tenant_id, event_type,
    count(*), count(DISTINCT user_id)
  FROM (SELECT DISTINCT event_id, tenant_id, event_type, user_id,
          date_trunc('hour', ts) AS hour, CAST(date_trunc('day', ts) AS TIMESTAMP) AS day
        FROM read_parquet('${file}')) e
  GROUP BY GROUPING SETS ((hour, tenant_id, event_type), (hour, tenant_id), (day, tenant_id))`;

async function polarsOf(file: string) {
  process.env["POLARS_MAX_THREADS"] = "1";
  const { default: pl } = await import("nodejs-polars");
  const at = (every: string, name: string) => pl.col("ts").dt.truncate(every).alias(name);
  return () => {
    const events = pl
      .scanParquet(file)
      .select("event_id", "tenant_id", "event_type", "user_id", at("1h", "hour"), at("1d", "day"))
      .unique({ subset: ["event_id"] });
    const part = (unit: string, ...keys: string[]) =>
      events
        .groupBy([unit, ...keys])
        .agg(pl.col("event_id").count().alias("events"), pl.col("user_id").nUnique().alias("users"))
        .select(
          pl.col(unit).alias("start"),
          pl.lit(unit).alias("unit"),
          pl.col("tenant_id"),
          (keys.includes("event_type") ? pl.col("event_type") : pl.lit("")).alias("event_type"),
          pl.col("events"),
          pl.col("users"),
        );
    const parts = [part("hour", "tenant_id", "event_type"), part("hour", "tenant_id")];
    const frame = pl.concat([...parts, part("day", "tenant_id")]).collectSync();
    return function* (): Cells {
      for (const r of frame.toRecords() as Readonly<Record<string, unknown>>[]) {
        const key = keyOf(r["unit"], Number(r["start"]), r["tenant_id"], r["event_type"]);
        yield [key, `${r["events"]} ${r["users"]}`];
      }
    };
  };
}

export const batchJob: Row = (say) =>
  inFolder(async (folder) => {
    countArrayBytesWithHeap();
    const metrics = await loadMetricFolder(join(import.meta.dirname, "metrics-job"));
    const db = await DuckDBInstance.create(":memory:", { threads: "1" });
    const sql = await db.connect();
    await sql.run("SET threads = 1");
    const { plain, plainFile } = await writeInput(folder, makeWorkload(EVENTS), sql);
    const viaPolars = await polarsOf(plainFile);
    const answers = new Map<string, Answer>();
    /** Of the body that ran last: made into a map outside the clock, before the next one runs. */
    let unread: { readonly name: string; readonly cells: () => Cells } | undefined;
    const read = (): void => {
      if (unread) answers.set(unread.name, new Map(unread.cells()));
      unread = undefined;
    };
    const timed = (name: string, body: () => Promise<() => Cells>) => async () => {
      read();
      return async () => {
        unread = { name, cells: await body() };
      };
    };
    const times = await inTurn(
      ROUNDS,
      {
        ours: timed("ours", async () => {
          const values = ours(plain, metrics);
          return () => cellsOf(values);
        }),
        duckdb: timed("duckdb", async () => {
          const rows = await sql.runAndReadAll(jobOf(plainFile));
          return () =>
            rows.getRows().map(([unit, ms, tenant, type, events, users]) => {
              return [keyOf(unit, Number(ms), tenant, type), `${events} ${users}`] as const;
            });
        }),
        polars: timed("polars", async () => viaPolars()),
      },
      { collect: false },
    );
    for (const [name, spent] of Object.entries(times))
      say(`${name.padEnd(8)} ${rate(medians(spent))}`);
    read();
    sql.closeSync();
    const goal = (key: GoalKey, name: "duckdb" | "polars") => {
      const [theirs, mine] = [times[name], times.ours];
      const perCpuS = (t: readonly Spent[]): number => EVENTS / medians(t).cpuS;
      const runs = mine.map((t, i) => theirs[i]!.cpuS / t.cpuS);
      const wall = `wall ${ratio(theirs, mine, "wallS").toFixed(2)} x`;
      return {
        ...goalFigure("batch-job", key, { ours: perCpuS(mine), peer: perCpuS(theirs), runs }, wall),
        ...differing(answers.get("ours") ?? new Map(), answers.get(name) ?? new Map()),
      };
    };
    return [goal("B5-DuckDB", "duckdb"), goal("B5-Polars", "polars")];
  });

function differing(a: Answer, b: Answer): { readonly wrong?: string } {
  const different = [...b].filter(([key, counts]) => a.get(key) !== counts).length;
  if (different === 0 && a.size === b.size && a.size > 0) return {};
  return { wrong: `${different} of ${b.size} groups differ, ours are ${a.size}` };
}

const rate = ({ cpuS, wallS }: Spent): string =>
  `${Math.round(EVENTS / cpuS / 1000)} k rows per CPU-second, ${Math.round(EVENTS / wallS / 1000)} k per second`;

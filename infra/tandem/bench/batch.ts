// Exact different users per hour, tenant and event type, exact side of the fold, against DuckDB with one
// thread: from our archive, from plain strings, and DuckDB from a table of its own with numbers for texts.
// Equal row for row. Also what one more grouping set costs.
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { countArrayBytesWithHeap, loadMetricFolder } from "@tandem/adapters/stack";
import { type Fold, metric } from "@tandem/shared-logic";
import {
  type Answer,
  answerOf,
  firstCopies,
  foldObjects,
  foldPlain,
  stateBytes,
} from "./batch-fold.ts";
import { writeInput } from "./batch-input.ts";
import type { Figure, Row } from "./figure.ts";
import { inFolder } from "./folder.ts";
import type { GoalKey } from "./goals.ts";
import { goalFigure } from "./measured.ts";
import { inTurn, median, medians, ratio, type Spent } from "./rounds.ts";
import { makeWorkload } from "./workload.ts";

const EVENTS = Number(process.env["EVENTS"] ?? 5_000_000);
const ROUNDS = Number(process.env["ROUNDS"] ?? 3);

const usersOf = (from: string, time: string, tenant: string, user: string, where = "") =>
  `SELECT epoch_ms(date_trunc('hour', ${time})), ${tenant}, event_type, count(DISTINCT ${user})
   FROM ${from} ${where} GROUP BY ALL`;

/** One thread; the frame's groups are read outside the clock. */
async function polarsOf(file: string) {
  process.env["POLARS_MAX_THREADS"] = "1";
  const { default: pl } = await import("nodejs-polars");
  return (): (() => Answer) => {
    const frame = pl
      .scanParquet(file)
      .select(pl.col("ts").dt.truncate("1h").alias("hour"), "tenant_id", "event_type", "user_id")
      .groupBy(["hour", "tenant_id", "event_type"])
      .agg(pl.col("user_id").nUnique().alias("users"))
      .collectSync();
    return () => {
      const rows = frame.toRecords() as Readonly<Record<string, unknown>>[];
      return new Map(
        rows.map((r) => [
          `${Number(r["hour"])}|${r["tenant_id"]}|${r["event_type"]}`,
          Number(r["users"]),
        ]),
      );
    };
  };
}

export const batch: Row = (say) =>
  inFolder(async (folder) => {
    countArrayBytesWithHeap();
    const [byType] = await loadMetricFolder(join(import.meta.dirname, "metrics-batch"));
    if (!byType) throw new RangeError("one metric is measured");
    const { name, title, unit, version, reducer } = byType;
    const grouped = (by: readonly (readonly string[])[]) =>
      metric({ name, title, unit, version, reducer, by, examples: [] });
    const [totals, more] = [grouped([]), grouped([["event_type"], ["tenant", "event_type"]])];
    const db = await DuckDBInstance.create(":memory:", { threads: "1" });
    const sql = await db.connect();
    await sql.run("SET threads = 1");
    const input = await writeInput(folder, makeWorkload(EVENTS), sql);
    const { objects, objectFiles, plain, plainFile } = input;
    const megabytes = objects.reduce((sum, o) => sum + o.length, 0) / 1e6;
    say(`${EVENTS} rows, ${megabytes.toFixed(0)} MB in ${objects.length} archive objects`);
    await sql.run(`CREATE TABLE numbers AS SELECT time, CAST(substr(tenant, 2) AS UTINYINT) AS tenant,
      CAST(dense_rank() OVER (ORDER BY event_type) AS UTINYINT) AS event_type,
      CAST(substr("user", 2) AS INTEGER) AS "user"
      FROM read_parquet('${objectFiles}') WHERE kind = 1`);
    const viaPolars = await polarsOf(plainFile);
    const answers = new Map<string, Answer>();
    /** Of the body that ran last: made into a map outside the clock, before the next one runs. */
    let unread: { readonly name: string; readonly read: () => Answer } | undefined;
    const timed = (body: () => Promise<void>) => async () => {
      if (unread) answers.set(unread.name, unread.read());
      unread = undefined;
      return body;
    };
    const first = { ours: 0, duckdb: -1 };
    const ask = (name: string, query: string) =>
      timed(async () => {
        const found = await sql.runAndReadAll(query);
        const read = () =>
          new Map(found.getRows().map(([h, t, type, n]) => [`${h}|${t}|${type}`, Number(n)]));
        unread = { name, read };
      });
    const keep = (name: string, fold: Fold): void => {
      const values = fold.values();
      unread = { name, read: () => answerOf(values) };
    };
    const times = await inTurn(
      ROUNDS,
      {
        duckdb: ask(
          "duckdb",
          usersOf(`read_parquet('${objectFiles}')`, "time", "tenant", '"user"', "WHERE kind = 1"),
        ),
        duckdbPlain: ask(
          "duckdbPlain",
          usersOf(`read_parquet('${plainFile}')`, "ts", "tenant_id", "user_id"),
        ),
        polarsPlain: timed(async () => {
          unread = { name: "polarsPlain", read: viaPolars() };
        }),
        duckdbNumbers: ask("duckdbNumbers", usersOf("numbers", "time", "tenant", '"user"')),
        ours: timed(async () => {
          keep("ours", await foldObjects(byType, objects));
        }),
        oursPlain: timed(async () => {
          keep("oursPlain", await foldPlain(byType, plain));
        }),
        states: timed(async () => {
          const fold = await foldObjects(byType, objects);
          stateBytes(fold);
          keep("states", fold);
        }),
        totals: timed(async () => {
          keep("totals", await foldObjects(totals, objects));
        }),
        more: timed(async () => {
          keep("more", await foldObjects(more, objects));
        }),
        duckdbIds: timed(async () => {
          const found = await sql.runAndReadAll(
            `SELECT count(*) FROM (SELECT DISTINCT tenant, event_id, sent_day
             FROM (SELECT tenant, event_id, epoch_ms(sent) // 86400000 AS sent_day
                   FROM read_parquet('${objectFiles}') WHERE kind = 1))`,
          );
          first.duckdb = Number(found.getRows()[0]?.[0]);
        }),
        oursIds: timed(async () => {
          first.ours = await firstCopies(objects, EVENTS);
        }),
      },
      { collect: false },
    );
    for (const [name, spent] of Object.entries(times))
      say(`${name.padEnd(14)} ${rate(medians(spent))}`);
    const wrongOf = (mine: string, theirs: string): { wrong?: string } => {
      const [a, b] = [answers.get(mine) ?? new Map(), answers.get(theirs) ?? new Map()];
      const different = [...b].filter(([k, n]) => a.get(k) !== n).length;
      return different > 0 || a.size !== b.size
        ? { wrong: `${different} of ${b.size} groups differ` }
        : {};
    };
    const faster = (what: string, goal: number, theirs: Spent[], mine: Spent[]): Figure => {
      const times = ratio(theirs, mine);
      const figure = `${times.toFixed(2)} x (wall ${ratio(theirs, mine, "wallS").toFixed(2)} x)`;
      return { row: "batch", what, goal: `>= ${goal.toFixed(2)} x`, figure, met: times >= goal };
    };
    // Against the whole of the first: reading, its grouping set and values.
    const shares = times.more.map(
      (t, i) => (100 * (t.cpuS - times.ours[i]!.cpuS)) / times.totals[i]!.cpuS,
    );
    const goal = (key: GoalKey, theirs: readonly Spent[], mine: readonly Spent[]): Figure => {
      const perCpuS = (t: readonly Spent[]): number => EVENTS / medians(t).cpuS;
      const runs = mine.map((t, i) => theirs[i]!.cpuS / t.cpuS);
      const wall = `wall ${ratio(theirs, mine, "wallS").toFixed(2)} x`;
      return goalFigure("batch", key, { ours: perCpuS(mine), peer: perCpuS(theirs), runs }, wall);
    };
    const figures = [
      {
        ...faster(
          "exact users with encoded states, as a unit makes them",
          0.5,
          times.duckdb,
          times.states,
        ),
        ...wrongOf("states", "duckdb"),
      },
      {
        ...faster(
          "values alone, our archive, DuckDB reads it too, CPU",
          0.5,
          times.duckdb,
          times.ours,
        ),
        ...wrongOf("ours", "duckdb"),
      },
      {
        ...goal("B1-DuckDB", times.duckdbPlain, times.oursPlain),
        ...wrongOf("oursPlain", "duckdbPlain"),
      },
      {
        ...goal("B1-Polars", times.polarsPlain, times.oursPlain),
        ...wrongOf("oursPlain", "polarsPlain"),
      },
      goal("B2", times.duckdbNumbers, times.ours),
      goalFigure("batch", "B3", { ours: median(shares), runs: shares }),
      {
        ...goal("B4", times.duckdbIds, times.oursIds),
        ...(first.ours === first.duckdb
          ? {}
          : { wrong: `${first.ours} first copies, DuckDB ${first.duckdb}` }),
      },
    ];
    sql.closeSync();
    return figures;
  });

const rate = ({ cpuS, wallS }: Spent): string =>
  `${Math.round(EVENTS / cpuS / 1000)} k rows per CPU-second, ${Math.round(EVENTS / wallS / 1000)} k per second`;

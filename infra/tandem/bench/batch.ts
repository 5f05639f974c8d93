// Exact different users per hour, tenant and event type from one Parquet object of the archive: our codec
// and the fold, exact side, against DuckDB with one thread on the same file. Equal row for row.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { parquetCodec } from "@tandem/adapters/parquet";
import { loadMetricFolder } from "@tandem/adapters/stack";
import {
  ByteReader,
  decodeBlock,
  Fold,
  fieldsOf,
  groupValues,
  type Metric,
  ROW_EVENT,
} from "@tandem/shared-logic";
import type { Row } from "./figure.ts";
import { inFolder } from "./folder.ts";
import { batchesOf, ownRecords } from "./held-log.ts";
import { inTurn, medians, ratio } from "./rounds.ts";
import { makeWorkload } from "./workload.ts";

const EVENTS = Number(process.env["EVENTS"] ?? 1_000_000);
const ROUNDS = Number(process.env["ROUNDS"] ?? 5);
const SLOWER = 2;

/** (hour, tenant, type) -> users. */
type Answer = Map<string, number>;

async function ours(object: Uint8Array, metric: Metric): Promise<Answer> {
  const columns = await parquetCodec.columns(object, fieldsOf(metric));
  const fold = new Fold([metric], "exact", Number.POSITIVE_INFINITY);
  const rows = new Uint32Array(columns.count);
  let n = 0;
  for (let row = 0; row < columns.count; row++) {
    if (columns.rowKinds[row] === ROW_EVENT) rows[n++] = row;
  }
  fold.fold(columns, rows, new Uint8Array(n), n);
  const answer: Answer = new Map();
  for (const row of fold.rows()) {
    if (row.set !== 1) continue;
    const [cell] = decodeBlock(row.state);
    // An exact set begins with its format and its size.
    const state = new ByteReader(cell!.state);
    state.u8();
    answer.set(`${row.startMs}|${row.tenant}|${groupValues(row.group)?.[0]}`, state.varint());
  }
  return answer;
}

const SQL = `SELECT epoch_ms(date_trunc('hour', time)), tenant, event_type, count(DISTINCT user)
  FROM read_parquet('FILE') WHERE kind = 1 GROUP BY ALL`;

export const batch: Row = (say) =>
  inFolder(async (folder) => {
    const [metric] = await loadMetricFolder(join(import.meta.dirname, "metrics-batch"));
    if (!metric) throw new RangeError("one metric is measured");
    const object = await parquetCodec.encode(0, batchesOf(ownRecords(makeWorkload(EVENTS))));
    const path = join(folder, "events.parquet");
    await writeFile(path, object);
    say(`${EVENTS} rows, ${(object.length / 1e6).toFixed(0)} MB of Parquet`);
    const db = await DuckDBInstance.create(":memory:", { threads: "1" });
    const connection = await db.connect();
    await connection.run("SET threads = 1");
    const answers: { ours: Answer; duckdb: Answer } = { ours: new Map(), duckdb: new Map() };
    const times = await inTurn(ROUNDS, {
      duckdb: async () => async () => {
        const read = await connection.runAndReadAll(SQL.replace("FILE", path));
        answers.duckdb = new Map(
          read.getRows().map(([hour, tenant, type, n]) => [`${hour}|${tenant}|${type}`, Number(n)]),
        );
      },
      ours: async () => async () => {
        answers.ours = await ours(object, metric);
      },
    });
    connection.closeSync();
    const different = [...answers.duckdb].filter(([k, n]) => answers.ours.get(k) !== n).length;
    const bad = different > 0 || answers.ours.size !== answers.duckdb.size;
    const rate = (s: number): string => `${Math.round(EVENTS / s / 1000)} k`;
    const [d, o] = [medians(times.duckdb), medians(times.ours)];
    say(`DuckDB ${rate(d.cpuS)} rows per CPU-second, ${rate(d.wallS)} per second`);
    say(`ours   ${rate(o.cpuS)} rows per CPU-second, ${rate(o.wallS)} per second`);
    const slower = ratio(times.ours, times.duckdb);
    return [
      {
        row: "batch",
        what: "exact users per hour, tenant and type, CPU, against DuckDB",
        goal: `<= ${SLOWER.toFixed(2)} x`,
        figure: `${slower.toFixed(2)} x (wall ${ratio(times.ours, times.duckdb, "wallS").toFixed(2)} x, ${answers.duckdb.size} groups)`,
        met: slower <= SLOWER,
        ...(bad ? { wrong: `${different} of ${answers.duckdb.size} groups differ` } : {}),
      },
    ];
  });

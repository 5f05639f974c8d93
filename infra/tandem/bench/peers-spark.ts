// Goal B1 against Spark: exact different users per hour, tenant and event type from the kit's Parquet file of plain
// strings, one thread, each twice in one process, of which the second run counts. Equal row for row.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { countArrayBytesWithHeap, loadMetricFolder } from "@tandem/adapters/stack";
import { type Answer, answerOf, foldPlain } from "./batch-fold.ts";
import type { PeersKit } from "./peers-kit.ts";

const USERS = `SELECT date_trunc('hour', ts) AS hour, tenant_id, event_type, count(DISTINCT user_id) AS users
FROM $events GROUP BY 1, 2, 3`;

export interface SparkRound {
  readonly oursCpuS: number;
  readonly sparkCpuS: number;
  readonly wrong?: string;
}

/** `folder`: for what Spark is told and says. */
export async function againstSpark(kit: PeersKit, folder: string): Promise<SparkRound> {
  const query = join(folder, "users.sql");
  const out = join(folder, "spark");
  await writeFile(query, USERS);
  const sparkCpuS = await kit.batchCpuS("spark", query, out);
  const theirs = await answerIn(`${out}/*.parquet`);
  countArrayBytesWithHeap();
  const [byType] = await loadMetricFolder(join(import.meta.dirname, "metrics-batch"));
  if (!byType) throw new RangeError("one metric is measured");
  let [oursCpuS, ours]: [number, Answer] = [0, new Map()];
  for (let run = 0; run < 2; run++) {
    const before = process.cpuUsage();
    const fold = await foldPlain(byType, await readFile(kit.parquetFile));
    const values = [...fold.values()];
    const { user, system } = process.cpuUsage(before);
    oursCpuS = (user + system) / 1e6;
    ours = answerOf(values);
  }
  const different = [...theirs].filter(([cell, n]) => ours.get(cell) !== n).length;
  if (different === 0 && ours.size === theirs.size) return { oursCpuS, sparkCpuS };
  return { oursCpuS, sparkCpuS, wrong: `${different} of ${theirs.size} groups differ` };
}

async function answerIn(files: string): Promise<Answer> {
  const db = await DuckDBInstance.create(":memory:");
  const sql = await db.connect();
  const found = await sql.runAndReadAll(
    `SELECT epoch_ms(CAST(hour AS TIMESTAMP)), tenant_id, event_type, users FROM read_parquet('${files}')`,
  );
  sql.closeSync();
  return new Map(found.getRows().map(([h, t, type, n]) => [`${h}|${t}|${type}`, Number(n)]));
}

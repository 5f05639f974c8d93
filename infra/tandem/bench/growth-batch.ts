// Goal G1 of batch: exact different users per hour, tenant and type of sixteen times the rows, with as many times the
// users, as the exponent of growth in CPU. From Parquet of plain strings that DuckDB makes, users skewed: the square
// of an even draw.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { countArrayBytesWithHeap, loadMetricFolder } from "@tandem/adapters/stack";
import { foldPlain } from "./batch-fold.ts";
import type { Figure } from "./figure.ts";
import { goalFigure } from "./measured.ts";
import { inTurn, median, medians } from "./rounds.ts";
import { START_MS, TENANTS, TYPES } from "./workload.ts";

const SMALL = Number(process.env["BATCH_ROWS"] ?? 2_000_000);
const TIMES = 16;
const ROUNDS = Number(process.env["ROUNDS"] ?? 3);
const ROWS_A_USER = 8;

async function write(rows: number, file: string): Promise<void> {
  const db = await DuckDBInstance.create(":memory:");
  const sql = await db.connect();
  const types = TYPES.map((type) => `'${type}'`).join();
  await sql.run(`SELECT setseed(0.5)`);
  await sql.run(`COPY (
    SELECT make_timestamp(1000 * (${START_MS} + i * 86400000 // ${rows})) AS ts,
      't' || CAST(floor(${TENANTS} * pow(random(), 2)) AS INTEGER) AS tenant_id,
      [${types}][1 + CAST(floor(${TYPES.length} * pow(random(), 2)) AS INTEGER)] AS event_type,
      'u' || CAST(floor(${rows / ROWS_A_USER} * pow(random(), 2)) AS INTEGER) AS user_id
    FROM range(${rows}) AS t(i)) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
  sql.closeSync();
}

export async function batchGrowth(folder: string, say: (line: string) => void): Promise<Figure> {
  countArrayBytesWithHeap();
  const [byType] = await loadMetricFolder(join(import.meta.dirname, "metrics-batch"));
  if (!byType) throw new RangeError("one metric is measured");
  const files = { small: join(folder, "small.parquet"), large: join(folder, "large.parquet") };
  await write(SMALL, files.small);
  await write(SMALL * TIMES, files.large);
  const counted = { small: 0, large: 0 };
  const contender = (size: keyof typeof files, repeat: number) => async () => {
    const bytes = await readFile(files[size]);
    return async () => {
      for (let i = 0; i < repeat; i++) {
        const fold = await foldPlain(byType, bytes);
        let events = 0;
        for (const { set, events: n } of fold.values()) if (set === 0) events += n;
        counted[size] = events;
      }
    };
  };
  // The small one as often as the large one is larger, so that both take as long.
  const times = await inTurn(
    ROUNDS,
    { small: contender("small", TIMES), large: contender("large", 1) },
    { collect: false },
  );
  const exponents = times.large.map(
    (t, i) => 1 + Math.log(t.cpuS / times.small[i]!.cpuS) / Math.log(TIMES),
  );
  const [small, large] = [medians(times.small).cpuS / TIMES, medians(times.large).cpuS];
  say(`batch: ${SMALL} rows ${small.toFixed(2)} s, ${SMALL * TIMES} rows ${large.toFixed(2)} s`);
  const wrong =
    counted.small === SMALL && counted.large === SMALL * TIMES
      ? {}
      : { wrong: `${counted.small} and ${counted.large} rows were counted` };
  const taken = { ours: median(exponents), runs: exponents };
  return { ...goalFigure("growth", "G1-batch", taken), ...wrong };
}

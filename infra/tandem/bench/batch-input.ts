// What the batch row reads: the workload as archive objects of the size the archiver makes, and as one
// Parquet file of plain strings that DuckDB wrote.

import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { parquetCodec } from "@tandem/adapters/parquet";
import { batchesOf, ownRecords } from "./held-log.ts";
import type { Workload } from "./workload.ts";

const OBJECT_ROWS = 100_000;

export interface BatchInput {
  readonly objects: readonly Uint8Array[];
  /** As SQL names them. */
  readonly objectFiles: string;
  readonly plain: Uint8Array;
  readonly plainFile: string;
}

export async function writeInput(
  folder: string,
  work: Workload,
  sql: DuckDBConnection,
): Promise<BatchInput> {
  const objects: Uint8Array[] = [];
  let held: Uint8Array[] = [];
  const close = async (): Promise<void> => {
    if (held.length === 0) return;
    const object = await parquetCodec.encode(0, batchesOf(held));
    await writeFile(join(folder, `own-${1000 + objects.length}.parquet`), object);
    objects.push(object);
    held = [];
  };
  for (const record of ownRecords(work)) {
    held.push(record);
    if (held.length === OBJECT_ROWS) await close();
  }
  await close();
  const lines = join(folder, "events.ndjson");
  await writeFile(lines, work.bytes);
  const plainFile = join(folder, "plain.parquet");
  await sql.run(`COPY (
    SELECT event_id, event_type, CAST(timestamp AS TIMESTAMP) AS ts, tenant_id, user_id
    FROM read_json('${lines}', format = 'newline_delimited', columns = {event_id: 'VARCHAR',
      event_type: 'VARCHAR', timestamp: 'VARCHAR', tenant_id: 'VARCHAR', user_id: 'VARCHAR'})
  ) TO '${plainFile}' (FORMAT parquet, COMPRESSION zstd)`);
  const objectFiles = join(folder, "own-*.parquet");
  return { objects, objectFiles, plain: readFileSync(plainFile), plainFile };
}

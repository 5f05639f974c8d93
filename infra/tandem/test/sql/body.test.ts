// DuckDB gives back each event's JSON byte for byte, from objects of both formats side by side.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { parquetCodec } from "@tandem/adapters/parquet";
import { makeRecord, seededRandom, unit, validateEvent } from "@tandem/shared-logic";
import { batchesOf } from "../../bench/held-log.ts";
import { bodyOf, withShapes } from "../../src/sql/body.ts";
import { macrosFor } from "../../src/sql/macros.ts";

const folder = mkdtempSync(join(tmpdir(), "tandem-body-"));
after(() => rmSync(folder, { recursive: true }));
const encoder = new TextEncoder();
const START_MS = 1_569_888_000_000;

/** Every way that a body names another column, and values of its own. */
function body(i: number): string {
  const ms = START_MS + i * (i % 4 === 1 ? 1000 : 977);
  const iso = new Date(ms).toISOString();
  const times = [`"${iso}"`, `"${iso.slice(0, 19)}Z"`, String(ms), `"${iso.slice(0, 23)}+00:00"`];
  const who = i % 3 === 0 ? `"user_id": "u${i % 50}"` : `"anonymous_id":"a ' \\u00e9 ${i}"`;
  return (
    `{"event_id":"e${i}","event_type":"view","timestamp":${times[i % 4]},${who},"session_id":"s${i}","tenant":"acme",` +
    `"properties":{"path":"/p/x/${i * 7919}","n":${unit(seededRandom(i))},"ok":${i % 2 === 0},"text":"${"é\\n".repeat(i % 5)}"}}\n`
  );
}

test("shapes and values are the bodies that came", async () => {
  const bodies = Array.from({ length: 400 }, (_, i) => body(i));
  const records = bodies.map((text) => {
    const bytes = encoder.encode(text);
    const facts = validateEvent(bytes, 0, bytes.length);
    assert.ok("eventId" in facts, text);
    return makeRecord(facts, encoder.encode("acme"), START_MS + 900_000_000);
  });
  const golden = new URL("../../../adapters/test/parquet/golden/", import.meta.url);
  writeFileSync(join(folder, "b.parquet"), await parquetCodec.encode(7, batchesOf(records)));
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const sql = await instance.connect();
  const read = async (files: string): Promise<unknown[]> => {
    const select = `SELECT ${bodyOf("make_timestamp_ms(epoch_ms(coalesce(sent, time)))")} AS shaped, body, "partition", "offset"
      FROM ${withShapes(`read_parquet(${files}, union_by_name = true)`)} WHERE kind = 1 ORDER BY "offset"`;
    const rows = (await sql.runAndReadAll(`${macrosFor(select)}${select}`)).getRowObjectsJS();
    return rows.map((row) => row["shaped"] ?? row["body"]);
  };
  try {
    assert.deepEqual(await read(`'${join(folder, "b.parquet")}'`), bodies);
    const [one, two] = ["format-1", "format-2"].map((name) =>
      fileURLToPath(new URL(`${name}.parquet`, golden)),
    );
    const old = await read(`'${one}'`);
    assert.ok(old.length > 8);
    assert.deepEqual(await read(`'${two}'`), old);
    assert.equal((await read(`['${one}', '${two}']`)).length, 2 * old.length);
  } finally {
    sql.closeSync();
    instance.closeSync();
  }
});

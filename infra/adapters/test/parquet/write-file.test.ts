// What is written is read back equal, here and by DuckDB, over several row groups and pages.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { below, Interner, NO_TEXT, seededRandom } from "@tandem/shared-logic";
import { readSlices } from "../../src/parquet/entries.ts";
import { ParquetFile } from "../../src/parquet/file.ts";
import { type NumberColumn, readNumbers } from "../../src/parquet/numbers.ts";
import { readTexts } from "../../src/parquet/texts.ts";
import { writeParquet } from "../../src/parquet/write-file.ts";
import type { WrittenColumn } from "../../src/parquet/written-column.ts";
import { openDuckDb } from "./duckdb.ts";

const folder = mkdtempSync(join(tmpdir(), "parquet-"));
after(() => rmSync(folder, { recursive: true }));

const ROWS = 120_000;
const random = seededRandom(7);
const interner = new Interner();
interner.internText("a text that no row has");

interface Row {
  readonly offset: number;
  readonly kind: number;
  readonly time: number | null;
  readonly far: number | null;
  readonly user: string | null;
  readonly id: string;
  readonly body: string | null;
}

const rows: readonly Row[] = Array.from({ length: ROWS }, (_, i) => ({
  offset: 5 + i * 2,
  kind: below(random, 3),
  time: below(random, 9) === 0 ? null : 1_570_000_000_000 + i * 40 + below(random, 90_000),
  far: below(random, 9) === 0 ? null : below(random, 2) * 250_000_000_000_000 - below(random, 1000),
  user: below(random, 9) === 0 ? null : `user é${below(random, 20_000)}`,
  id: `id ${i * 7919}`,
  body:
    below(random, 99) === 0 ? null : JSON.stringify({ i, text: "ü\n".repeat(below(random, 20)) }),
}));

function numbers(values: readonly (number | null)[]): {
  values: Float64Array;
  present: Uint8Array;
} {
  return {
    values: Float64Array.from(values, (v) => v ?? Number.NaN),
    present: Uint8Array.from(values, (v) => (v === null ? 0 : 1)),
  };
}
const codes = (values: readonly (string | null)[]): Int32Array =>
  Int32Array.from(values, (v) => (v === null ? NO_TEXT : interner.internText(v)));

function slices(values: readonly (string | null)[]): {
  bytes: Uint8Array;
  starts: Int32Array;
  ends: Int32Array;
} {
  const bytes = Buffer.from(values.map((v) => v ?? "").join(""));
  const [starts, ends] = [new Int32Array(values.length), new Int32Array(values.length)];
  let at = 0;
  for (const [i, v] of values.entries()) {
    starts[i] = v === null ? -1 : at;
    at += Buffer.byteLength(v ?? "");
    ends[i] = v === null ? -1 : at;
  }
  return { bytes, starts, ends };
}

const columns: readonly WrittenColumn[] = [
  {
    name: "offset",
    optional: false,
    kind: "numbers",
    type: "INT64",
    values: Float64Array.from(rows, (r) => r.offset),
  },
  {
    name: "kind",
    optional: false,
    kind: "numbers",
    type: "INT32",
    values: Float64Array.from(rows, (r) => r.kind),
  },
  {
    name: "time",
    optional: true,
    kind: "numbers",
    type: "TIMESTAMP",
    ...numbers(rows.map((r) => r.time)),
  },
  {
    name: "far",
    optional: true,
    kind: "numbers",
    type: "TIMESTAMP",
    ...numbers(rows.map((r) => r.far)),
  },
  { name: "user", optional: true, kind: "codes", interner, codes: codes(rows.map((r) => r.user)) },
  { name: "id", optional: true, kind: "codes", interner, codes: codes(rows.map((r) => r.id)) },
  { name: "body", optional: true, kind: "slices", text: true, ...slices(rows.map((r) => r.body)) },
];

test("columns read back are those written", async () => {
  const file = new ParquetFile(await writeParquet(ROWS, columns));
  assert.equal(file.rows, ROWS);
  assert.equal(file.metadata.row_groups.length, 2);
  const value = (c: NumberColumn, i: number): number | null =>
    c.present && c.present[i] === 0 ? null : (c.values[i] ?? Number.NaN);
  const [offset, kind] = [readNumbers(file, "offset"), readNumbers(file, "kind")];
  const [time, far] = [readNumbers(file, "time"), readNumbers(file, "far")];
  const [user, id] = [readTexts(file, "user"), readTexts(file, "id")];
  const body = readSlices(file, "body");
  const text = (c: typeof user, i: number): string | null =>
    c.codes[i] === NO_TEXT ? null : c.interner.text(c.codes[i]!);
  for (const [i, row] of rows.entries()) {
    const read: Row = {
      offset: value(offset, i) ?? -1,
      kind: value(kind, i) ?? -1,
      time: value(time, i),
      far: value(far, i),
      user: text(user, i),
      id: text(id, i) ?? "",
      body:
        body.starts[i]! < 0
          ? null
          : Buffer.from(body.bytes.subarray(body.starts[i], body.ends[i])).toString(),
    };
    assert.deepEqual(read, row);
  }
});

test("writing is deterministic and does not depend on what the interner holds", async () => {
  const other = new Interner();
  for (const row of rows.toReversed()) if (row.user !== null) other.internText(row.user);
  const theirs = Int32Array.from(rows, (r) =>
    r.user === null ? NO_TEXT : other.internText(r.user),
  );
  const one = await writeParquet(ROWS, columns.slice(4, 5));
  const two = await writeParquet(ROWS, [
    { name: "user", optional: true, kind: "codes", interner: other, codes: theirs },
  ]);
  assert.equal(Buffer.compare(one, two), 0);
});

test("DuckDB reads the same", async () => {
  const path = join(folder, "written.parquet");
  writeFileSync(path, await writeParquet(ROWS, columns));
  const sql = await openDuckDb();
  try {
    const [read] = await sql.rows(`
      select count(*)::int as n, sum("offset")::varchar as offsets, sum(kind)::int as kinds,
        count(time)::int as times, sum(epoch_ms(time))::varchar as time, sum(epoch_ms(far))::varchar as far,
        count(distinct "user")::int as users, count(distinct id)::int as ids,
        md5(string_agg(coalesce(body, '-') || coalesce("user", '-'), '' order by "offset")) as md5
      from '${path}'`);
    const big = (pick: (row: Row) => number | null): string =>
      String(rows.reduce((sum, row) => sum + BigInt(pick(row) ?? 0), 0n));
    const { createHash } = await import("node:crypto");
    assert.deepEqual(read, {
      n: ROWS,
      offsets: big((r) => r.offset),
      kinds: Number(big((r) => r.kind)),
      times: rows.filter((r) => r.time !== null).length,
      time: big((r) => r.time),
      far: big((r) => r.far),
      users: new Set(rows.flatMap((r) => r.user ?? [])).size,
      ids: ROWS,
      md5: createHash("md5")
        .update(rows.map((r) => (r.body ?? "-") + (r.user ?? "-")).join(""))
        .digest("hex"),
    });
    const pruned = await sql.rows(`
      select stats_min_value as low, stats_max_value as high from parquet_metadata('${path}')
      where path_in_schema = 'offset' order by row_group_id`);
    assert.deepEqual(pruned, [
      { low: "5", high: "200003" },
      { low: "200005", high: "240003" },
    ]);
  } finally {
    sql.close();
  }
});

test("no rows at all is a file too", async () => {
  const file = new ParquetFile(await writeParquet(0, columns.slice(0, 1)));
  assert.equal(file.rows, 0);
  assert.equal(readNumbers(file, "offset").values.length, 0);
});

// Files of other writers are read as those writers mean them, and damaged ones are refused by name.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { below, NO_TEXT, seededRandom, TandemError, type TextSlices } from "@tandem/shared-logic";
import { parquetWriteBuffer } from "hyparquet-writer";
import { eachSlices, readSlices } from "../../src/parquet/entries.ts";
import { ParquetFile } from "../../src/parquet/file.ts";
import { readPrefixedTexts } from "../../src/parquet/texts.ts";
import { openDuckDb } from "./duckdb.ts";
import { type ParquetColumn, readParquetColumns } from "./read-columns.ts";

const folder = mkdtempSync(join(tmpdir(), "parquet-"));
after(() => rmSync(folder, { recursive: true }));

const ROWS = 30_000;
const TABLE = `
  select i, (i * 37) % 1000 as small, (i % 7)::integer as tiny, (i * 0.5)::double as half, (i * 0.25)::float as quarter,
    i % 3 = 0 as flag, '2019-10-01'::timestamp + interval (i) second as at,
    case when i % 10 = 0 then null else 'user ü' || (i * 7919) % 500 end as who,
    'id ' || i as id, case when i % 4 = 0 then null else i end as hole,
    (i * 0.5)::decimal(12, 2) as price
  from range(${ROWS}) t(i)`;
const NAMES = ["i", "small", "tiny", "half", "quarter", "flag", "at", "who", "id", "hole"];

function valueAt(column: ParquetColumn | undefined, i: number): unknown {
  if (column?.kind === "number") return column.present?.[i] === 0 ? null : column.values[i];
  if (!column || column.codes[i] === NO_TEXT) return null;
  return column.interner.text(column.codes[i]!);
}

const expected = (i: number): unknown[] => [
  i,
  (i * 37) % 1000,
  i % 7,
  i * 0.5,
  i * 0.25,
  i % 3 === 0 ? 1 : 0,
  Date.UTC(2019, 9, 1) + i * 1000,
  i % 10 === 0 ? null : `user ü${(i * 7919) % 500}`,
  `id ${i}`,
  i % 4 === 0 ? null : i,
];

function check(bytes: Uint8Array): void {
  const columns = readParquetColumns(bytes, NAMES);
  assert.equal(columns.rows, ROWS);
  for (let i = 0; i < ROWS; i++) {
    assert.deepEqual(
      NAMES.map((name) => valueAt(columns.get(name), i)),
      expected(i),
    );
  }
  checkSlices(bytes, "id");
  checkSlices(bytes, "who");
}

/** Read whole and page by page. */
function checkSlices(bytes: Uint8Array, name: string): void {
  const file = new ParquetFile(bytes);
  const at = NAMES.indexOf(name);
  const isText = (slices: TextSlices, row: number, i: number): void => {
    const [start, end] = [slices.starts[row]!, slices.ends[row]!];
    const text = start < 0 ? null : Buffer.from(slices.bytes.subarray(start, end)).toString();
    assert.equal(text, expected(i)[at]);
  };
  const whole = readSlices(file, name);
  for (let i = 0; i < ROWS; i += 7) isText(whole, i, i);
  let next = 0;
  eachSlices(file, name, (slices, row, rows) => {
    assert.equal(row, next);
    next += rows;
    for (let i = row; i < next; i += 7) isText(slices, i - row, i);
  });
  assert.equal(next, ROWS);
}

for (const options of [
  "compression snappy",
  "compression zstd, row_group_size 10000",
  "compression gzip",
  "compression uncompressed",
  "compression lz4",
  "compression zstd, parquet_version v2",
  "compression snappy, parquet_version v2, row_group_size 5000",
]) {
  test(`DuckDB's files: ${options}`, async () => {
    const path = join(folder, "foreign.parquet");
    const sql = await openDuckDb();
    try {
      await sql.rows(`copy (${TABLE}) to '${path}' (format parquet, ${options})`);
    } finally {
      sql.close();
    }
    check(readFileSync(path));
  });
}

function fromHyparquet(codec: "SNAPPY" | "UNCOMPRESSED", rows = ROWS): Uint8Array {
  const values = Array.from({ length: rows }, (_, i) => expected(i));
  const column = (
    name: string,
    type: "INT32" | "DOUBLE" | "FLOAT" | "BOOLEAN" | "STRING" | "TIMESTAMP",
  ) => {
    const at = NAMES.indexOf(name);
    const cell = (row: unknown[]): unknown => {
      if (type === "BOOLEAN") return row[at] === 1;
      return type === "TIMESTAMP" ? new Date(Number(row[at])) : row[at];
    };
    return { name, type, data: values.map(cell), nullable: name === "who" || name === "hole" };
  };
  return new Uint8Array(
    parquetWriteBuffer({
      codec,
      columnData: [
        column("i", "INT32"),
        column("small", "INT32"),
        column("tiny", "INT32"),
        column("half", "DOUBLE"),
        column("quarter", "FLOAT"),
        column("flag", "BOOLEAN"),
        column("at", "TIMESTAMP"),
        column("who", "STRING"),
        column("id", "STRING"),
        column("hole", "INT32"),
      ],
    }),
  );
}

test("a dictionary is there for all pages behind it, whatever stands in front of its values", async () => {
  const path = join(folder, "prefixed.parquet");
  const count = 60_000;
  const sql = await openDuckDb();
  try {
    await sql.rows(`copy (select 'a longer text ' || (i * 7919) % 9973 as who from range(${count}) t(i))
      to '${path}' (format parquet, compression zstd, row_group_size 20000, dictionary_size_limit 20000)`);
  } finally {
    sql.close();
  }
  const kinds = Uint8Array.from({ length: count }, (_, i) => i % 3);
  const prefixes = new TextEncoder().encode("\0ua");
  const file = new ParquetFile(readFileSync(path));
  eachSlices(file, "who", ({ bytes, starts, ends }, row, rows) => {
    for (let i = 0; i < rows; i++) {
      const text = Buffer.from(bytes.subarray(starts[i], ends[i])).toString();
      assert.equal(text, `a longer text ${((row + i) * 7919) % 9973}`);
    }
  });
  const { codes, interner } = readPrefixedTexts(file, "who", kinds, prefixes);
  for (let i = 0; i < count; i++) {
    const text = codes[i] === NO_TEXT ? null : interner.text(codes[i]!);
    const prefix = ["", "u", "a"][i % 3];
    assert.equal(text, prefix === "" ? null : `${prefix}a longer text ${(i * 7919) % 9973}`);
  }
});

test("decimals and microseconds are scaled", async () => {
  const path = join(folder, "scaled.parquet");
  const sql = await openDuckDb();
  try {
    await sql.rows(`copy (${TABLE}) to '${path}' (format parquet)`);
  } finally {
    sql.close();
  }
  const columns = readParquetColumns(readFileSync(path), ["price", "at"]);
  assert.equal(valueAt(columns.get("price"), 7), 3.5);
  assert.equal(valueAt(columns.get("at"), 7), Date.UTC(2019, 9, 1) + 7000);
});

test("hyparquet-writer's files", () => {
  check(fromHyparquet("SNAPPY"));
  check(fromHyparquet("UNCOMPRESSED"));
});

test("damaged files are refused or read, never anything else", () => {
  const whole = fromHyparquet("SNAPPY", 500);
  let refused = 0;
  for (let seed = 1; seed <= 2000; seed++) {
    const random = seededRandom(seed);
    const bytes = whole.slice(0, seed % 4 === 0 ? below(random, whole.length) : whole.length);
    for (let flips = 1 + below(random, 3); flips > 0 && bytes.length > 0; flips--) {
      bytes[below(random, bytes.length)]! ^= 1 << below(random, 8);
    }
    try {
      readParquetColumns(bytes, NAMES);
      readSlices(new ParquetFile(bytes), "id");
      eachSlices(new ParquetFile(bytes), "who", () => {});
    } catch (error) {
      refused++;
      const named = error instanceof TandemError && error.code === "corrupt_bytes";
      if (!named) throw new Error(`seed ${seed}`, { cause: error });
    }
  }
  assert.ok(refused > 700, `${refused} of 2000 refused`);
});

test("a column that is not there is named", () => {
  assert.throws(() => readParquetColumns(fromHyparquet("SNAPPY", 10), ["nothing"]), {
    code: "corrupt_bytes",
    message: /no column nothing/,
  });
});

// Another writer's file as event columns means what its rows mean, row group by row group.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  type Interner,
  murmur3Text,
  ROW_DEAD,
  ROW_EVENT,
  USER_ID,
  USER_NONE,
} from "@tandem/shared-logic";
import { foreignColumns } from "../../src/parquet/foreign-columns.ts";
import { openDuckDb } from "./duckdb.ts";

const folder = mkdtempSync(join(tmpdir(), "foreign-"));
after(() => rmSync(folder, { recursive: true }));

const ROWS = 10_000;
const LAYOUT = {
  time: "ts",
  eventId: "id",
  user: "user_id",
  texts: { tenant: "tenant_id", event_type: "kind", "properties.country": "country" },
};
const FIELDS = ["tenant", "event_type", "user", "properties.country"];

async function written(): Promise<Uint8Array> {
  const path = join(folder, "events.parquet");
  const sql = await openDuckDb();
  try {
    await sql.rows(`copy (select 'id ' || i as id, 't' || (i % 3) as tenant_id, 'kind ' || (i % 5) as kind,
      case when i % 7 = 0 then null else 'user ' || (i * 7919) % 4001 end as user_id,
      case when i % 2 = 0 then null else 'ü' || (i % 11) end as country,
      case when i % 100 = 0 then null else '2026-03-02'::timestamp + interval (i) second + interval 700 microsecond end as ts
      from range(${ROWS}) t(i)) to '${path}' (format parquet, compression zstd, row_group_size 4096)`);
  } finally {
    sql.close();
  }
  return readFileSync(path);
}

test("every row has its time, its texts and its user", async () => {
  const interners = new Map<string, Interner>();
  let i = 0;
  let batches = 0;
  for (const columns of foreignColumns(await written(), LAYOUT, FIELDS, interners)) {
    batches++;
    for (let row = 0; row < columns.count; row++, i++) {
      const texts = FIELDS.map((path) => columns.field(path).text(row));
      assert.deepEqual(texts, [
        `t${i % 3}`,
        `kind ${i % 5}`,
        i % 7 === 0 ? undefined : `uuser ${(i * 7919) % 4001}`,
        i % 2 === 0 ? undefined : `ü${i % 11}`,
      ]);
      assert.equal(columns.userKinds[row], i % 7 === 0 ? USER_NONE : USER_ID);
      assert.equal(columns.rowKinds[row], i % 100 === 0 ? ROW_DEAD : ROW_EVENT);
      if (i % 100 !== 0) assert.equal(columns.timeMs[row], Date.UTC(2026, 2, 2) + i * 1000);
      if (i % 500 === 0) {
        assert.deepEqual(
          [...columns.idHashes.subarray(4 * row, 4 * row + 4)],
          [...murmur3Text(`id ${i}`)],
        );
        assert.equal(columns.offsets[row], i);
      }
    }
    for (const path of FIELDS) assert.equal(columns.field(path).interner, interners.get(path));
  }
  assert.equal(i, ROWS);
  assert.equal(batches, 3);
});

test("a path without a column is refused by name", async () => {
  const bytes = await written();
  assert.throws(() => [...foreignColumns(bytes, LAYOUT, ["context.platform"])], /context.platform/);
});

// A dimension with a million different values in a day: the speed layer's memory is that of the limit,
// the total is right, the values that batch ranks highest are kept, and every answer says `capped`.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  HandClock,
  MemoryCheckpointStore,
  MemoryEventLog,
  MemoryObjectStore,
  MemoryViewStore,
} from "@tandem/adapters/memory";
import { parquetCodec } from "@tandem/adapters/parquet";
import { Batch, createDataset, inlineTasks } from "@tandem/batch-layer";
import { Archiver } from "@tandem/ingest";
import { QueryEngine } from "@tandem/serving";
import {
  type AppendRecord,
  ColumnScanner,
  count,
  type EpochMs,
  encodeRecord,
  fieldsOf,
  metric,
  murmur3Text,
} from "@tandem/shared-logic";
import { SpeedWorker } from "@tandem/speed-layer";

const VALUES = 1_000_000;
const LIMIT = 100;
const DAY = Date.UTC(2026, 2, 2);
const utf8 = new TextEncoder();
const [tenant, type] = [utf8.encode("shop"), utf8.encode("view")];

const views = metric({
  name: "views_by_page",
  title: "Views by page",
  unit: "events",
  version: 1,
  reducer: count(),
  by: [["properties.page"]],
  limit: LIMIT,
  examples: [],
});

/** Every value once, and one page ten times as often as chance would have it. */
function record(i: number): AppendRecord {
  const page = i % 10 === 9 ? "home" : `p${i}`;
  const json = utf8.encode(
    `{"event_id":"e${i}","event_type":"view","properties":{"page":"${page}"}}`,
  );
  const at = DAY + Math.floor((i / VALUES) * 3_600_000);
  const value = encodeRecord(
    {
      flags: 0,
      userKind: 0,
      idHash: murmur3Text(`e${i}`),
      userHash: new Uint32Array(2),
      sentMs: at,
      timeMs: at,
      receivedMs: at,
      tenant,
      type,
    },
    json,
  );
  return { partition: 0, key: tenant, value };
}

test("a million values in one dimension", { timeout: 400_000 }, async (t) => {
  const clock = new HandClock((DAY + 7_200_000) as EpochMs);
  const ports = {
    clock,
    log: new MemoryEventLog(clock),
    views: new MemoryViewStore({ atomicFlush: true }),
    objects: new MemoryObjectStore(),
    checkpoints: new MemoryCheckpointStore(),
  };
  await createDataset(ports, "events", 1, [views.fingerprint]);
  const place = { dataset: "events", partition: 0, owner: "a" };
  const scanner = new ColumnScanner(["event_id", ...fieldsOf(views)]);
  const worker = new SpeedWorker(ports, place, [views], scanner);
  await worker.open();
  let most = 0;
  for (let i = 0; i < VALUES; i += 10_000) {
    await ports.log.append(
      "events",
      Array.from({ length: 10_000 }, (_, k) => record(i + k)),
    );
    await worker.catchUp();
    most = Math.max(most, worker.current?.fold.blockCount ?? 0);
  }
  // One hour: the total, the kept pages and (other); each may stand a second time for suspected events.
  t.diagnostic(`${VALUES} events, at most ${most} blocks in the worker`);
  assert.ok(most <= 2 * (LIMIT + 2), `${most} blocks`);

  const engine = new QueryEngine({ ...ports, metrics: [views], dataset: "events" });
  const ask = async (by?: string) => {
    const range = { from: "2026-03-02", until: "2026-03-03", grain: "day" };
    const result = await engine.query(by ? { ...range, by } : range, "views_by_page", "shop");
    assert.ok(result.ok);
    return result.answer;
  };
  const counted = worker.current?.counters;
  const seen = (counted?.counted ?? 0) + (counted?.suspected ?? 0);
  assert.equal(seen, VALUES);
  const speed = await ask();
  assert.ok(Number(speed.points[0]?.low) <= VALUES && VALUES <= Number(speed.points[0]?.high));
  const grouped = await ask("properties.page");
  assert.equal(grouped.capped, true);
  const sum = grouped.points.reduce((n, p) => n + Number(p.value), 0);
  assert.equal(sum + grouped.suspected, VALUES);

  const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  const unit = { objects: ports.objects, codec: parquetCodec, sha256 };
  const archiver = new Archiver({
    ...ports,
    codec: parquetCodec,
    dataset: "events",
    partition: 0,
    genesis: 0,
  });
  const batch = new Batch({ ...ports, ...unit, tasks: inlineTasks(unit, () => views) }, "events", [
    views,
  ]);
  let running = true;
  const pump = (async () => {
    while (running) {
      await archiver.step();
      await clock.advance(25);
    }
  })();
  await batch.run({ includeOpen: true, archiveMs: 3_600_000 }).finally(() => {
    running = false;
  });
  await pump;
  await worker.catchUp();
  const total = await ask();
  assert.deepEqual([total.points[0]?.value, total.points[0]?.exact], [VALUES, true]);
  const exact = await ask("properties.page");
  assert.equal(exact.capped, true);
  assert.equal(exact.points.length, LIMIT + 1);
  assert.equal(exact.points.find((p) => p.by?.["properties.page"] === "home")?.value, VALUES / 10);
  assert.equal(
    exact.points.reduce((n, p) => n + Number(p.value), 0),
    VALUES,
  );
});

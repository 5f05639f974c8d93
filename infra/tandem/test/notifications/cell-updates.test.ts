// What the speed layer tells listeners: each changed cell once per flush, after the views took it, a bounded
// number; and that a listener that fails or hangs changes nothing for the views.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MemoryViewStore } from "@tandem/adapters/memory";
import {
  ColumnScanner,
  catalogue,
  type Flush,
  fieldsOf,
  NO_TELEMETRY,
  type Notifications,
  TandemError,
} from "@tandem/shared-logic";
import { CELLS_PER_FLUSH, SpeedWorker } from "@tandem/speed-layer";
import { DATASET, instant, Stage, TENANT } from "../stories/stage.ts";
import { listeners, TROUBLES } from "./listeners.ts";

const NOW = "2026-03-02T10:00:00Z";
const metrics = catalogue.filter((m) => m.name === "purchases" || m.name === "revenue");

async function workerWith(stage: Stage, notifications: Notifications, views = stage.ports.views) {
  let skipped = 0;
  const telemetry = {
    ...NO_TELEMETRY,
    add: (name: string, by: number, ..._: readonly unknown[]) => {
      if (name === "cell_updates_skipped_total") skipped += by;
    },
  };
  const worker = new SpeedWorker(
    { ...stage.ports, views, notifications, telemetry },
    { dataset: DATASET, partition: 0, owner: "w" },
    metrics,
    new ColumnScanner(["event_id", ...new Set(metrics.flatMap(fieldsOf))]),
  );
  await worker.open();
  return { worker, skipped: () => skipped };
}

const purchase = (id: string, at = NOW) => ({ id, at, type: "purchase", price: 2 });
const total = ({ value }: { value: { by: unknown[] } }): boolean => value.by.length === 0;

test("each changed cell is announced once per flush, by metric, once the views show it", async () => {
  const stage = await Stage.at(NOW, metrics);
  const { notifications, heard } = await listeners(stage.clock);
  const { worker } = await workerWith(stage, notifications);
  await worker.flush();
  assert.deepEqual(await heard("aggregates"), []);
  const sentAt = stage.clock.now();
  await stage.send(purchase("a"), purchase("b"), purchase("c", "2026-03-02T08:30:00Z"));
  await worker.catchUp();
  const first = await heard("aggregates");
  assert.deepEqual(
    new Set(first.map(({ key }) => key)),
    new Set(["shop/purchases", "shop/revenue"]),
  );
  const cells = first.map(({ value: v }) => JSON.stringify([v.metric, v.by, v.group, v.startMs]));
  assert.equal(new Set(cells).size, cells.length);
  const purchases = first.filter((copy) => copy.value.metric === "purchases" && total(copy));
  assert.equal(purchases.length, 2);
  for (const { value } of purchases) {
    const { dataset, version, tenant, group, partition, to, asOfMs } = value;
    const fields = [dataset, version, tenant, partition, to, asOfMs];
    assert.deepEqual(fields, [DATASET, 1, TENANT, 0, worker.current?.offset, sentAt]);
    assert.equal(typeof group, "string");
    const row = metrics.find((m) => m.name === "purchases");
    assert.ok(row);
    const query = { dataset: DATASET, fp: row.fingerprint, tenant, set: 0 };
    const stored = await stage.ports.views.readSpeed({
      ...query,
      from: value.startMs,
      until: (value.startMs + 1) as never,
    });
    assert.deepEqual([stored[0]?.to, stored[0]?.partition], [to, 0]);
  }
  await stage.send(purchase("d"));
  await worker.catchUp();
  const again = (await heard("aggregates")).slice(first.length).filter(total);
  assert.deepEqual(
    again.map(({ value }) => value.metric).sort(),
    ["purchases", "revenue"],
    "only what changed",
  );
});

test("a flush that the views refuse announces nothing; the next one announces it all", async () => {
  const stage = await Stage.at(NOW, metrics);
  const { notifications, heard } = await listeners(stage.clock);
  let down = true;
  const views = new Proxy(stage.ports.views as MemoryViewStore, {
    get(target, name: keyof MemoryViewStore) {
      if (name === "flush" && down)
        return () => Promise.reject(new TandemError("store_unavailable"));
      const found = target[name];
      return typeof found === "function" ? found.bind(target) : found;
    },
  });
  const { worker } = await workerWith(stage, notifications, views);
  await stage.send(purchase("a"));
  await worker.fold();
  await assert.rejects(worker.flush(), { code: "store_unavailable" });
  assert.equal((await heard("aggregates")).length, 0);
  down = false;
  await worker.flush();
  assert.equal((await heard("aggregates")).filter(total).length, 2);
});

test("a flush of very many cells announces a bounded number and counts the rest", async () => {
  const stage = await Stage.at(NOW, metrics);
  const { notifications, heard } = await listeners(stage.clock);
  const flushed: Flush[] = [];
  const flush = stage.ports.views.flush.bind(stage.ports.views);
  stage.ports.views.flush = (one) => {
    flushed.push(one);
    return flush(one);
  };
  const { worker, skipped } = await workerWith(stage, notifications);
  const hours = Array.from({ length: 590 }, (_, i) =>
    purchase(`e${i}`, new Date(instant(NOW) - i * 3_600_000).toISOString()),
  );
  await stage.send(...hours);
  await worker.catchUp();
  const rows = flushed.reduce((sum, { rows }) => sum + rows.length, 0);
  assert.ok(rows > CELLS_PER_FLUSH, `${rows} rows`);
  assert.equal((await heard("aggregates")).length, CELLS_PER_FLUSH * flushed.length);
  assert.equal(skipped(), rows - CELLS_PER_FLUSH * flushed.length);
});

for (const [trouble, append] of Object.entries(TROUBLES)) {
  test(`a listener's log that ${trouble} delays and fails no flush`, async () => {
    const stage = await Stage.at(NOW, metrics);
    const { notifications, log, heard } = await listeners(stage.clock, 1500);
    log.append = append;
    const { worker } = await workerWith(stage, notifications);
    for (let i = 0; i < 20; i++) {
      await stage.send(purchase(`e${i}`));
      // The clock stands still: a flush that waited for a copy would never end.
      await worker.catchUp();
      if (i === 10) await stage.clock.advance(20);
    }
    assert.equal(worker.current?.counters.counted, 20);
    assert.equal((await stage.ports.views.positions(DATASET, 1))[0]?.to, worker.current?.offset);
    await heard("aggregates");
    assert.ok(notifications.dropped.aggregates > 20, JSON.stringify(notifications.dropped));
  });
}

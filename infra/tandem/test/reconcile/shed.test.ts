// What collectors send away on real sockets, with 429 or 503, stands in the ledger as shed: by the day it was sent, of
// its tenant alone, through stores that fail and collectors that write at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { HandClock, MemoryViewStore } from "@tandem/adapters/memory";
import { ShedBook } from "@tandem/ingest";
import {
  HOUR_MS,
  readComparisons,
  readShed,
  TandemError,
  UNKNOWN_TENANT,
} from "@tandem/shared-logic";
import { reconcileTable } from "../../src/commands/reconcile.ts";
import { event, json, startCollector } from "../collector/collector-fixture.ts";
import { DATASET, dayNamed, instant, TENANT } from "../stories/stage.ts";
import { DAY, Reconciled } from "./reconcile-stage.ts";

const ten = json(Array.from({ length: 10 }, (_, i) => event(`${i}`)));

test("429 and 503 are seen as shed, by day and tenant", async (t) => {
  const { stage } = await Reconciled.lossy();
  const { views } = stage.ports;
  const clock = new HandClock(instant(`${DAY}T12:00:00Z`));
  const errors: unknown[] = [];
  let away = true;
  const flaky: typeof views = Object.create(views, {
    cas: {
      value: async (...args: Parameters<typeof views.cas>) => {
        if (away) throw new TandemError("store_unavailable");
        return views.cas(...args);
      },
    },
  });
  const book = new ShedBook({
    ...{ views: flaky, clock, dataset: DATASET },
    onError: (error) => errors.push(error),
  });
  let broken = false;
  const limits = { rate: { eventsPerSecond: 10, burstEvents: 20 } };
  const collector = await startCollector(t, {
    ...{ limits, shed: book },
    append: (real) => async (dataset, records) => {
      if (broken) throw new TandemError("log_unavailable");
      return real(dataset, records);
    },
  });
  const { presented } = await collector.makeKey(TENANT, "write");
  const post = async (key: string) =>
    (await collector.request({ method: "POST", body: ten, headers: { "x-api-key": key } })).status;
  assert.deepEqual([await post(presented), await post(presented)], [202, 202]);
  assert.equal(await post(presented), 429);
  broken = true;
  await collector.wait(1000);
  assert.equal(await post(presented), 503);
  assert.equal(await post(collector.presented), 503);
  await book.write();
  assert.equal(errors.length, 1);
  assert.equal((await readShed(views, DATASET, TENANT, {})).size, 0);
  // Nothing of it is lost; the next day's stands by itself.
  away = false;
  await clock.advance(12 * HOUR_MS);
  await collector.collector.close();
  assert.equal(await post(presented), 503);
  await book.write();
  await book.write();
  const day = dayNamed(DAY);
  assert.deepEqual(
    [...(await readShed(views, DATASET, TENANT, {}))],
    [[day, { events: 10, requests: 1 }]],
  );
  assert.deepEqual(
    [...(await readShed(views, DATASET, "acme", {}))],
    [[day, { events: 10, requests: 0 }]],
  );
  assert.deepEqual(
    [...(await readShed(views, DATASET, UNKNOWN_TENANT, {}))],
    [[day + 1, { events: 0, requests: 1 }]],
  );

  const rows = await readComparisons(views, DATASET, TENANT, {});
  const table = reconcileTable(rows, false, await readShed(views, DATASET, TENANT, {}));
  assert.match(table, /^day .* shed +unexplained$/m);
  assert.match(table, /10 and 1 requests/);
});

test("collectors that write at once add up, and end with a last write", async () => {
  const views = new MemoryViewStore();
  const clock = new HandClock(instant(`${DAY}T12:00:00Z`));
  const stopped = new AbortController();
  const books = Array.from({ length: 4 }, () => new ShedBook({ views, clock, dataset: DATASET }));
  const running = books.map((book) => book.run(stopped.signal));
  for (const book of books)
    for (let i = 0; i < 3; i++) book.note("shop", { events: 5, requests: 1 });
  await clock.advance(10_000);
  for (const book of books) book.note("shop", { events: 1, requests: 0 });
  stopped.abort();
  await Promise.all(running);
  const shed = await readShed(views, DATASET, "shop", {});
  assert.deepEqual([...shed.values()], [{ events: 64, requests: 12 }]);
});

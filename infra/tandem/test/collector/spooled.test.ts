// A collector over a log that is down: 202 from the spool, on a real disk; 503 with Retry-After without it and
// where it is full; afterwards everything is in the log, as it was sent.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { FileEventLog, systemClock } from "@tandem/adapters/embedded";
import { SpooledLog } from "@tandem/ingest";
import { type EventLog, TandemError } from "@tandem/shared-logic";
import { DATASET, event, json, startCollector } from "./collector-fixture.ts";

type Append = EventLog["append"];
const down: Append = async () => Promise.reject(new TandemError("log_unavailable"));
const clock = systemClock();

async function overSpool(t: TestContext, primary: (real: Append) => Append, maxBytes: number) {
  const folder = await mkdtemp(join(tmpdir(), "tandem-spool-"));
  const spool = await FileEventLog.open(folder);
  const log = Promise.withResolvers<SpooledLog>();
  const collector = await startCollector(t, {
    append: (real) => {
      const options = { spool, dataset: DATASET, partitions: 4, clock };
      const limits = { maxBytes, primaryMs: 300, retryMs: 5 };
      log.resolve(SpooledLog.open({ ...options, limits, primary: { append: primary(real) } }));
      return async (dataset, records) => (await log.promise).append(dataset, records);
    },
  });
  const spooled = await log.promise;
  t.after(async () => {
    await spooled.close();
    await spool.close();
    await rm(folder, { recursive: true });
  });
  return { ...collector, spooled };
}

const ten = (from: number) => Array.from({ length: 10 }, (_, i) => event(`${from + i}`));

test("without a spool a dead log is 503 with Retry-After", async (t) => {
  const { post } = await startCollector(t, { append: () => down });
  const { status, headers, body } = await post(json(ten(0)));
  assert.deepEqual([status, headers.get("retry-after"), body.retry], [503, "1", 10]);
});

test("with one it is 202, and 503 with Retry-After where the spool is full", async (t) => {
  let up = false;
  const primary =
    (real: Append): Append =>
    (d, r) =>
      (up ? real : down)(d, r);
  const { post, spooled, stored, collector } = await overSpool(t, primary, 6000);
  for (let i = 0; i < 2; i++) {
    const { status, headers, body } = await post(json(ten(10 * i)));
    assert.deepEqual([status, headers.get("retry-after"), body.accepted], [202, null, 10]);
  }
  const full = await post(json(Array.from({ length: 5 }, () => ten(20)).flat()));
  assert.deepEqual([full.status, full.headers.get("retry-after")], [503, "1"]);
  assert.deepEqual([full.body.accepted, full.body.retry], [0, 50]);
  assert.equal(spooled.stats.records, 20);
  up = true;
  // Drains; what does not wait needs no drain.
  await spooled.close();
  const ids = (await stored()).map(({ json: text }) => JSON.parse(text).event_id);
  assert.deepEqual([...ids].sort((a, b) => a - b).join(), [...Array(20).keys()].join());
  const { sent, accepted, retry } = collector.stats();
  assert.deepEqual([sent, accepted, retry], [70, 20, 50]);
});

test("a log that hangs and looks at the records later finds them as they were", async (t) => {
  const release = Promise.withResolvers<void>();
  let calls = 0;
  const primary =
    (real: Append): Append =>
    async (dataset, records) => {
      if (calls++ === 0) await release.promise;
      else throw new TandemError("log_unavailable");
      return real(dataset, records);
    };
  const { post, stored } = await overSpool(t, primary, 1e6);
  const began = performance.now();
  assert.equal((await post(json(ten(0)))).status, 202);
  assert.ok(performance.now() - began < 2500);
  for (let i = 1; i < 5; i++) assert.equal((await post(json(ten(10 * i)))).status, 202);
  release.resolve();
  while ((await stored()).length < 10) await new Promise(setImmediate);
  const ids = (await stored()).map(({ json: text }) => JSON.parse(text).event_id);
  assert.deepEqual([...ids].sort(), [...Array(10).keys()].map(String));
});

// Contract line 10 on a Cassandra that does not answer, that is gone, and that stops in the midst of a
// flush: every call rejects in time, and the same store works again when the cluster does.
import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { type CassandraOptions, CassandraViewStore } from "@tandem/adapters/cassandra";
import {
  dayStart,
  epochMs,
  type Fingerprint,
  type Flush,
  type RunRow,
  type SpeedRow,
  SURE,
  TandemError,
  utcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { HeldProxy } from "./held-proxy.ts";
import { contactPoints, keyspaceOfFile, optionsOf, storeOfFile } from "./real-cassandra.ts";

const LIMIT_MS = 2_500;
const RECOVERY_MS = 10_000;
const FP = "revenue@1-00112233445566778899aabbccddeeff" as Fingerprint;
const DAY = utcDay(18_170);
const RANGE = { from: dayStart(DAY), until: dayStart(utcDay(DAY + 1)) };

const row = (n: number): SpeedRow => ({
  fp: FP,
  tenant: "acme",
  set: 1,
  group: `["${n}"]`,
  startMs: dayStart(DAY),
  segment: 0,
  to: 10,
  doubt: SURE,
  events: n,
  skipped: 0,
  state: Uint8Array.of(n),
});
const runRow: RunRow = { ...row(1), grain: "hour" };
const flush = (dataset: string, rows: number): Flush => ({
  dataset,
  partition: 0,
  to: 10,
  asOf: epochMs(1),
  starts: [{ fp: FP, at: 0 }],
  rows: Array.from({ length: rows }, (_, n) => row(n)),
});

const CALLS: Readonly<Record<string, (store: ViewStore, dataset: string) => Promise<unknown>>> = {
  flush: (store, dataset) => store.flush(flush(dataset, 1)),
  positions: (store, dataset) => store.positions(dataset, 1),
  starts: (store, dataset) => store.starts(dataset, FP, 1),
  readSpeed: (store, dataset) =>
    store.readSpeed({ dataset, fp: FP, tenant: "acme", set: 1, ...RANGE }),
  dropped: (store, dataset) => store.dropped(dataset, FP, DAY, utcDay(DAY + 1), 1),
  dropSpeed: (store, dataset) => store.dropSpeed(dataset, FP, DAY, [1]),
  writeRun: (store, dataset) => store.writeRun(dataset, [runRow]),
  readBack: (store, dataset) => store.readBack(dataset),
  scanRun: async (store, dataset) => {
    for await (const _ of store.scanRun(dataset));
  },
  copyRun: (store, dataset) => store.copyRun(dataset, `${dataset}-copy`, []),
  readRun: (store, dataset) =>
    store.readRun({ run: dataset, tenant: "acme", set: 1, grain: "hour", ...RANGE }),
  removeRun: (store, dataset) => store.removeRun(dataset),
  ledger: (store, dataset) => store.ledger(`day/${dataset}/1`),
  ledgerRows: (store, dataset) => store.ledgerRows(`day/${dataset}`),
  "cas of a new row": (store, dataset) => store.cas(`day/${dataset}/2`, 0, "a"),
  "cas of an old row": (store, dataset) => store.cas(`day/${dataset}/1`, 1, "b"),
};

const keyspace = await keyspaceOfFile();
const proxy = await HeldProxy.open(contactPoints[0] ?? "");
after(() => proxy.stop());
const options: CassandraOptions = {
  ...optionsOf(keyspace),
  contactPoints: [proxy.address],
  requestMs: 2_000,
};
const store = await storeOfFile(options);

// Statements that are prepared already, so that a request on the wire is the one a test is about.
await store.cas("warm/up", 0, "a");
await store.cas("warm/up", 1, "b");
await store.ledger("warm/up");

/** One test after another over the same store: each leaves it as it found it. */
function disturbing(name: string, body: (t: TestContext) => Promise<void>): void {
  test(name, async (t) => {
    try {
      await body(t);
    } finally {
      proxy.onRequest = () => true;
      proxy.release();
      await recovered();
    }
  });
}

/** An EXECUTE frame and no heartbeat (native protocol 4, section 2.4). */
const isStatement = (frame: Buffer): boolean => frame[4] === 0x0a;

const isUnavailable = (error: unknown): boolean =>
  error instanceof TandemError && error.code === "store_unavailable" && error.retryable;

async function everyCallRejectsInTime(dataset: string): Promise<void> {
  await Promise.all(
    Object.entries(CALLS).map(async ([name, call]) => {
      const begun = performance.now();
      await assert.rejects(call(store, dataset), isUnavailable, name);
      const ms = performance.now() - begun;
      assert.ok(ms < LIMIT_MS, `${name} took ${ms.toFixed()} ms`);
    }),
  );
}

async function recovered(of = store): Promise<number> {
  const begun = performance.now();
  for (;;) {
    try {
      await of.positions("any", 1);
      return performance.now() - begun;
    } catch (error) {
      assert.ok(isUnavailable(error), String(error));
      assert.ok(performance.now() - begun < RECOVERY_MS, "has not recovered");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function everyCallSucceeds(dataset: string): Promise<void> {
  for (const [name, call] of Object.entries(CALLS)) {
    if (!name.startsWith("cas")) await call(store, dataset);
  }
}

for (const again of [1, 2]) {
  disturbing(
    `10: frozen, every call rejects in time; thawed, it works again (${again})`,
    async (t) => {
      await store.cas("day/frozen/1", 0, "a");
      proxy.hold("request", "answer");
      await everyCallRejectsInTime("frozen");
      await everyCallRejectsInTime("frozen");
      proxy.release();
      t.diagnostic(`recovered after ${(await recovered()).toFixed()} ms`);
      await everyCallSucceeds(`thawed${again}`);
    },
  );

  disturbing(`10: gone, every call rejects in time; back, it works again (${again})`, async (t) => {
    await proxy.stop();
    await everyCallRejectsInTime("gone");
    await everyCallRejectsInTime("gone");
    await proxy.restart();
    t.diagnostic(`recovered after ${(await recovered()).toFixed()} ms`);
    await everyCallSucceeds(`back${again}`);
  });
}

test("10: a store that connects anew works again too, also where its connections lead nowhere", async () => {
  const way = await HeldProxy.open(contactPoints[0] ?? "");
  const other = await CassandraViewStore.open({
    ...options,
    contactPoints: [way.address],
    renewAfterMs: 0,
  });
  for (const _ of [1, 2, 3]) {
    await way.stop();
    await assert.rejects(other.positions("renewed", 1), isUnavailable);
    await way.restart();
    await recovered(other);
  }
  way.strand();
  await assert.rejects(other.positions("renewed", 1), isUnavailable);
  const ms = await recovered(other);
  assert.ok(ms < LIMIT_MS, `stranded for ${ms.toFixed()} ms`);
  await other.close();
  await way.stop();
});

disturbing(
  "2, 10: frozen in the midst of a flush: no position before its rows, and repeated it is whole",
  async () => {
    const many = { ...flush("cut", 4_000), partition: 3 };
    let sentBytes = 0;
    let frozenAt = 0;
    proxy.onRequest = (chunk) => {
      sentBytes += chunk.length;
      // Starts and registers are written by then, and rows are on their way.
      if (frozenAt === 0 && sentBytes > 100_000) {
        frozenAt = performance.now();
        proxy.hold("request");
      }
      return true;
    };
    await assert.rejects(store.flush(many), isUnavailable);
    assert.ok(frozenAt > 0, "the flush was over too soon");
    assert.ok(performance.now() - frozenAt < LIMIT_MS);
    proxy.onRequest = () => true;
    proxy.release();
    await recovered();
    assert.deepEqual(await store.positions("cut", 4), [undefined, undefined, undefined, undefined]);
    await store.flush(many);
    const query = { dataset: "cut", fp: FP, tenant: "acme", set: 1, ...RANGE };
    assert.equal((await store.readSpeed(query)).length, 4_000);
    assert.equal((await store.positions("cut", 4))[3]?.to, 10);
  },
);

disturbing("8: a change whose answer is lost is found by reading back", async () => {
  await store.cas("lost/answer", 0, "a");
  proxy.hold("answer");
  let requests = 0;
  proxy.onRequest = (chunk) => {
    // The second one reads back.
    if (isStatement(chunk) && ++requests === 2) proxy.release();
    return true;
  };
  assert.equal(await store.cas("lost/answer", 1, "b"), true);
  assert.equal(requests, 2);
  const found = await store.ledger("lost/answer");
  assert.deepEqual([found?.version, found?.value], [2, "b"]);
});

disturbing(
  "8: a change that was lost on its way is not known to be made, and nothing was",
  async () => {
    await store.cas("lost/request", 0, "a");
    let requests = 0;
    proxy.onRequest = (chunk) => !isStatement(chunk) || ++requests !== 1;
    await assert.rejects(store.cas("lost/request", 1, "b"), isUnavailable);
    assert.equal(requests, 2);
    assert.deepEqual((await store.ledger("lost/request"))?.value, "a");
    assert.equal(await store.cas("lost/request", 1, "c"), true);
  },
);

disturbing(
  "8: of a lost answer and another's change, the other's is false for the first",
  async () => {
    const direct = await CassandraViewStore.open(optionsOf(keyspace));
    await store.cas("lost/race", 0, "a");
    let requests = 0;
    let others: Promise<boolean> | undefined;
    proxy.onRequest = () => {
      if (++requests > 1) return true;
      others = direct.cas("lost/race", 1, "theirs");
      return false;
    };
    assert.equal(await store.cas("lost/race", 1, "ours"), false);
    assert.equal(await others, true);
    await direct.close();
  },
);

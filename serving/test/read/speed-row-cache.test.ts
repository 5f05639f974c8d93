// Speed rows kept between queries: what is asked of the store, and within the bytes and the minute that are set. That
// it is never too little: infra/tandem/test/serving/speed-rows-kept.test.ts.
import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  EpochMs,
  Fingerprint,
  Position,
  SpeedQuery,
  StoredSpeedRow,
} from "@tandem/shared-logic";
import { SpeedRowCache } from "../../src/read/speed-row-cache.ts";

const query: SpeedQuery = {
  dataset: "app",
  fp: "m@1-0" as Fingerprint,
  tenant: "t",
  set: 0,
  from: 0 as EpochMs,
  until: 10 as EpochMs,
};
const NONE = Number.POSITIVE_INFINITY;

function world(capacityBytes: number) {
  let now = 1_000_000;
  const asked: (readonly number[] | "all")[] = [];
  let rows: readonly StoredSpeedRow[] = [];
  const row = (partition: number, to: number, byte: number, group = "[]"): StoredSpeedRow => ({
    ...{ fp: query.fp, tenant: "t", set: 0, group, startMs: 0 as EpochMs, segment: 0, doubt: 0 },
    ...{ partition, to, events: to, skipped: 0 },
    state: new Uint8Array(1000).fill(byte).subarray(10, 13),
  });
  let held: Promise<void> | undefined;
  const views = {
    readSpeed: async ({ above }: SpeedQuery) => {
      asked.push(above ?? "all");
      const found = rows;
      await held;
      return found;
    },
  };
  /** Until the gate is opened, reads find what is there and do not come back. */
  const hold = (): (() => void) => {
    const gate = Promise.withResolvers<void>();
    held = gate.promise;
    return () => {
      held = undefined;
      gate.resolve();
    };
  };
  const cache = new SpeedRowCache(views, { now: () => now as EpochMs }, capacityBytes);
  const read = async (to: readonly (number | undefined)[], q: Partial<SpeedQuery> = {}) => {
    const at = to.map((t): Position | undefined =>
      t === undefined ? undefined : { to: t, asOf: 0 as EpochMs },
    );
    return (await cache.read({ ...query, ...q }, at)).map(
      (r) => `${r.partition}:${r.to}:${r.state}`,
    );
  };
  const has = (...now: readonly StoredSpeedRow[]) => (rows = now);
  return { cache, read, asked, row, has, hold, pass: (ms: number) => (now += ms) };
}

test("what was flushed since is read, of partitions that moved", async () => {
  const { read, asked, row, has } = world(1 << 20);
  has(row(0, 5, 1), row(2, 9, 2));
  assert.deepEqual(await read([5, undefined, 9]), ["0:5:1,1,1", "2:9:2,2,2"]);
  assert.deepEqual(await read([5, undefined, 9]), ["0:5:1,1,1", "2:9:2,2,2"]);
  has(row(0, 7, 3), row(0, 4, 9));
  assert.deepEqual(await read([7, undefined, 9]), ["0:7:3,3,3", "2:9:2,2,2"]);
  has(row(1, 1, 4));
  assert.deepEqual(await read([7, 1, 9]), ["0:7:3,3,3", "2:9:2,2,2", "1:1:4,4,4"]);
  assert.deepEqual(asked, ["all", [5, NONE, NONE], [NONE, 0, NONE]]);
});

test("how far rows reach is known of each list that was given", async () => {
  const { cache, row, has } = world(1 << 20);
  const read = (...to: number[]) =>
    cache.read(
      query,
      to.map((at) => ({ to: at, asOf: 0 as EpochMs })),
    );
  has(row(0, 5, 1), row(2, 9, 2));
  const first = await read(5, 0, 4);
  assert.deepEqual(cache.reachedBy(first), [5, 0, 9], "above its position, too");
  has(row(0, 7, 3), row(0, 6, 3, "[1]"));
  const second = await read(6, 0, 4);
  assert.deepEqual(cache.reachedBy(second), [7, 0, 9]);
  assert.deepEqual(cache.reachedBy(first), [5, 0, 9]);
  assert.equal(await read(6, 0, 4), second, "the same list");
  has(row(3, 2, 1));
  assert.deepEqual(cache.reachedBy(await read(6, 1, 4)), [7, 0, 9, 2]);
  assert.equal(cache.reachedBy([...second]), undefined);
});

test("another question, or a position that moved back, is read whole, and all is after a minute", async () => {
  const { read, asked, row, has, pass } = world(1 << 20);
  has(row(0, 5, 1));
  await read([5]);
  await read([5], { groups: ["[]"] });
  await read([5], { until: 11 as EpochMs });
  assert.deepEqual(asked.splice(0), ["all", "all", "all"]);
  has(row(0, 3, 1));
  assert.deepEqual(await read([3]), ["0:3:1,1,1"]);
  assert.deepEqual(asked.splice(0), ["all"]);
  pass(59_999);
  await read([4]);
  pass(1);
  await read([5]);
  assert.deepEqual(asked, [[3], "all"]);
});

test("of queries that overlap the later one's rows stay, whichever comes back last", async () => {
  const { read, asked, row, has, hold } = world(1 << 20);
  has(row(0, 5, 1));
  await read([5]);
  has(row(0, 7, 2));
  const open = hold();
  const slow = read([7]);
  hold()();
  has(row(0, 9, 3));
  assert.deepEqual(await read([9]), ["0:9:3,3,3"]);
  open();
  assert.deepEqual(await slow, ["0:9:3,3,3"]);
  assert.deepEqual(await read([9]), ["0:9:3,3,3"]);
  assert.deepEqual(asked, ["all", [5], [5]]);
});

test("what was read anew meanwhile is not written over", async () => {
  const { read, asked, row, has, hold } = world(1 << 20);
  has(row(0, 5, 1));
  await read([5]);
  const open = hold();
  const slow = read([7]);
  hold()();
  has(row(0, 3, 1));
  await read([3]);
  open();
  await slow;
  assert.deepEqual(await read([3]), ["0:3:1,1,1"]);
  assert.deepEqual(asked, ["all", [5], "all"]);
});

test("what a query was given does not change", async () => {
  const { cache, row, has } = world(1 << 20);
  const at = (to: number): Position[] => [{ to, asOf: 0 as EpochMs }];
  has(row(0, 5, 1));
  const first = await cache.read(query, at(5));
  const [was] = first;
  has(row(0, 7, 2), row(0, 7, 2, "[1]"));
  assert.equal((await cache.read(query, at(7))).length, 2);
  assert.deepEqual([first.length, first[0]], [1, was]);
});

test("one that is the same stays the same object, and its bytes are its own", async () => {
  const { cache, row, has } = world(1 << 20);
  const at = (to: number): Position[] => [{ to, asOf: 0 as EpochMs }];
  has(row(0, 5, 1), row(0, 4, 1, "[1]"));
  const [one, other] = await cache.read(query, at(5));
  assert.deepEqual([one?.state.buffer.byteLength, other?.state.buffer.byteLength], [6, 6]);
  has(row(0, 5, 1), row(0, 6, 1, "[1]"));
  const [same, changed] = await cache.read(query, at(6));
  assert.equal(same, one);
  assert.notEqual(changed, other);
});

test("what does not fit is read each time, and not copied; 0 keeps nothing", async () => {
  for (const bytes of [0, 300]) {
    const { cache, asked, row, has } = world(bytes);
    const own = row(0, 5, 1);
    has(own);
    const at: Position[] = [{ to: 5, asOf: 0 as EpochMs }];
    for (const _ of [1, 2]) assert.equal((await cache.read(query, at))[0], own);
    assert.deepEqual(asked, ["all", "all"]);
  }
});

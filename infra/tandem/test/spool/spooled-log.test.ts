// The spool's single cases: time limits, bound, disk failures, restarts, the end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CrashFiles, FileEventLog } from "@tandem/adapters/embedded";
import { HandClock, MemoryEventLog } from "@tandem/adapters/memory";
import { SpooledLog, type SpoolLimits, type SpoolLog } from "@tandem/ingest";
import { type EventLog, epochMs, seededRandom, TandemError } from "@tandem/shared-logic";
import { changed } from "../seam/port-wrappers.ts";
import { DATASET, down, recordOf, UnsteadyLog } from "./unsteady-log.ts";

const never = new Promise<never>(() => undefined);
const turns = async (): Promise<void> => {
  for (let i = 0; i < 4; i++) await new Promise(setImmediate);
};

interface Asked {
  readonly limits?: Partial<SpoolLimits>;
  readonly primary?: Pick<EventLog, "append">;
  readonly change?: (spool: SpoolLog) => Partial<SpoolLog>;
}

async function world() {
  const clock = new HandClock(epochMs(Date.UTC(2026, 0, 1)), turns);
  const unsteady = new UnsteadyLog(clock, seededRandom(1));
  await unsteady.log.create(DATASET, 2);
  const memory = new MemoryEventLog(clock);
  const told: string[] = [];
  const open = (asked: Asked = {}): Promise<SpooledLog> =>
    SpooledLog.open({
      primary: asked.primary ?? unsteady.client(),
      spool: changed<SpoolLog>(memory, asked.change?.(memory) ?? {}),
      dataset: DATASET,
      partitions: 2,
      clock,
      onTrouble: (what) => told.push(what),
      ...(asked.limits ? { limits: asked.limits } : {}),
    });
  return { clock, unsteady, memory, told, open };
}

const put = async (log: SpooledLog, ...texts: string[]) => {
  const results = await log.append(
    DATASET,
    texts.map((text) => recordOf(0, text)),
  );
  return results.map((r) => (r.ok ? (r.spooled ? "spooled" : "logged") : "retry"));
};
/** How it ended, and after how much of the clock's time. */
async function timed<T>(clock: HandClock, work: Promise<T>): Promise<[T, number]> {
  const began = clock.now();
  const ended = work.then((value): [T, number] => [value, clock.now() - began]);
  await clock.advance(10_000);
  return ended;
}

test("a log that takes records gets them itself", async () => {
  const { unsteady, open } = await world();
  const log = await open();
  assert.deepEqual(await put(log, "a", "b"), ["logged", "logged"]);
  assert.deepEqual(await unsteady.texts(0), ["a", "b"]);
  assert.deepEqual(log.stats, { records: 0, bytes: 0, oldestMs: undefined });
  assert.equal(await log.partitions(DATASET), 2);
});

test("a hanging log costs the first call its limit and the next ones nothing", async () => {
  const { clock, unsteady, told, open } = await world();
  const log = await open({ limits: { primaryMs: 1500, deliverMs: 1e6 } });
  unsteady.mode = "silent";
  assert.deepEqual(await timed(clock, put(log, "a")), [["spooled"], 1500]);
  const before = clock.now();
  assert.deepEqual(await put(log, "b", "c"), ["spooled", "spooled"]);
  assert.equal(clock.now(), before);
  assert.equal(log.stats.records, 3);
  assert.equal(log.unready, undefined);
  assert.match(told.join("\n"), /events wait in the spool: .*no answer within 1500 ms/);
});

test("one partition waits, the others do not", async () => {
  const { unsteady, open } = await world();
  const log = await open();
  unsteady.modes.set(0, "down");
  const records = [recordOf(0, "a"), recordOf(1, "b"), recordOf(0, "c")];
  for (let i = 0; i < 2; i++) {
    const results = await log.append(DATASET, records);
    assert.deepEqual(
      results.map((r) => r.ok && r.spooled === true),
      [true, false, true],
    );
  }
  assert.deepEqual(await unsteady.texts(1), ["b", "b"]);
  assert.equal(log.stats.records, 4);
});

test("a full spool is retry and not ready, until it has been drained", async () => {
  const { clock, unsteady, told, open } = await world();
  const log = await open({ limits: { maxBytes: 100 } });
  unsteady.mode = "throws";
  assert.deepEqual(await put(log, "a", "b"), ["spooled", "spooled"]);
  assert.deepEqual(await put(log, "c", "d", "e", "f"), ["retry", "retry", "retry", "retry"]);
  assert.equal(log.unready, "spool full");
  assert.equal(log.stats.bytes, 2 * (12 + "key of a".length + 1));
  unsteady.mode = "fine";
  await clock.advance(5000);
  assert.equal(log.unready, undefined);
  assert.deepEqual(await put(log, "c"), ["logged"]);
  assert.deepEqual(await unsteady.texts(0), ["a", "b", "c"]);
  assert.match(told.join("\n"), /the spool is full/);
});

test("a disk that takes nothing is retry, and a disk that hangs is retry in time", async () => {
  const { clock, unsteady, memory, open } = await world();
  let disk: EventLog["append"] = async () => Promise.reject(new TandemError("log_unavailable"));
  const log = await open({ change: () => ({ append: (d, r) => disk(d, r) }) });
  unsteady.mode = "down";
  assert.deepEqual(await put(log, "a"), ["retry"]);
  disk = async (_, records) => records.map(() => ({ ok: false, error: down }));
  assert.deepEqual(await put(log, "a"), ["retry"]);
  assert.deepEqual(log.stats, { records: 0, bytes: 0, oldestMs: undefined });
  disk = async () => never;
  assert.deepEqual(await timed(clock, put(log, "b")), [["retry"], 2300]);
  assert.equal(await memory.read(DATASET, 0, 0, 100).then((b) => b.count), 0);
});

test("what somebody has to change first does not wait in the spool", async () => {
  const { open } = await world();
  const wrong = new TandemError("configuration");
  const throws = async () => Promise.reject(wrong);
  const refuses = async () => [{ ok: false, error: wrong }] as const;
  for (const append of [throws, refuses]) {
    const log = await open({ primary: { append } });
    assert.deepEqual(await put(log, "a"), ["retry"]);
    assert.equal(log.stats.records, 0);
  }
});

test("killed between delivery and commit: delivered twice, nothing lost", async () => {
  const { clock, unsteady, open } = await world();
  unsteady.mode = "down";
  const first = await open({ change: () => ({ commit: async () => never }) });
  await put(first, "a", "b");
  unsteady.mode = "fine";
  await clock.advance(5000);
  assert.deepEqual(await unsteady.texts(0), ["a", "b"]);
  unsteady.cut();
  const second = await open();
  await clock.advance(5000);
  assert.deepEqual(await unsteady.texts(0), ["a", "b", "a", "b"]);
  assert.equal(second.stats.records, 0);
  unsteady.cut();
  assert.equal((await open()).stats.records, 0);
});

test("a position that cannot be written holds nothing up", async () => {
  const { clock, unsteady, told, open } = await world();
  unsteady.mode = "down";
  const log = await open({ change: () => ({ commit: async () => Promise.reject(down) }) });
  await put(log, "a");
  unsteady.mode = "fine";
  await clock.advance(5000);
  assert.deepEqual(await put(log, "b"), ["logged"]);
  assert.match(told.join("\n"), /does not remember/);
});

test("a full spool found at the start is counted and goes to the log before anything new", async () => {
  const { clock, unsteady, open } = await world();
  unsteady.mode = "down";
  const first = await open({ limits: { maxBytes: 100 } });
  const began = clock.now();
  assert.deepEqual(await put(first, "a", "b", "c", "d"), Array(4).fill("spooled"));
  const { records, bytes } = first.stats;
  await clock.advance(60_000);
  unsteady.cut();
  const second = await open({ limits: { maxBytes: 100 } });
  assert.deepEqual(second.stats, { records, bytes, oldestMs: began });
  assert.deepEqual(await put(second, "e"), ["retry"]);
  unsteady.mode = "fine";
  await clock.advance(5000);
  assert.deepEqual(await put(second, "e"), ["logged"]);
  assert.deepEqual(await unsteady.texts(0), ["a", "b", "c", "d", "e"]);
});

test("what becomes readable while the drain looks for it is not forgotten", async () => {
  const { clock, unsteady, open } = await world();
  unsteady.mode = "down";
  const [slow, looked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let [appends, holds] = [0, true];
  const log = await open({
    change: (real) => ({
      async append(d, r) {
        if (++appends === 2) await slow.promise;
        return real.append(d, r);
      },
      async read(d, p, from, max) {
        const batch = await real.read(d, p, from, max);
        // An answer from before the second append, given after it.
        if (from === 1 && holds) {
          holds = false;
          slow.resolve();
          await looked.promise;
        }
        return batch;
      },
    }),
  });
  await put(log, "a");
  const second = put(log, "b");
  unsteady.mode = "fine";
  await clock.advance(1000);
  assert.deepEqual(await second, ["spooled"]);
  looked.resolve();
  await clock.advance(1000);
  assert.deepEqual(await unsteady.texts(0), ["a", "b"]);
  assert.equal(log.stats.records, 0);
});

test("closing drains", async () => {
  const { clock, unsteady, open } = await world();
  const log = await open({ limits: { retryMs: 60_000, longestRetryMs: 60_000 } });
  unsteady.mode = "down";
  await put(log, "a", "b");
  await turns();
  unsteady.mode = "fine";
  assert.equal((await timed(clock, log.close()))[1], 0);
  assert.deepEqual(await unsteady.texts(0), ["a", "b"]);
  assert.deepEqual(await put(log, "c"), ["retry"]);
});

test("closing ends at once on a dead log, in time on a hanging one, and leaves the rest", async () => {
  for (const [mode, tookMs] of [
    ["down", 0],
    ["silent", 3000],
  ] as const) {
    const { clock, unsteady, open } = await world();
    const log = await open({ limits: { closeMs: 3000, deliverMs: 1e6, retryMs: 60_000 } });
    unsteady.mode = "down";
    await put(log, "a", "b");
    await turns();
    unsteady.mode = mode;
    assert.equal((await timed(clock, log.close()))[1], tookMs, mode);
    unsteady.mode = "down";
    assert.equal((await open()).stats.records, 2);
  }
});

test("the disk of what was delivered is given back", async () => {
  const { clock, unsteady } = await world();
  const files = new CrashFiles();
  const options = { files, clock, segmentBytes: 3000, tailBytes: 500, patienceMs: () => 0 };
  const spool = await FileEventLog.open("/spool", options);
  const primary = unsteady.client();
  const log = await SpooledLog.open({ primary, spool, dataset: DATASET, partitions: 2, clock });
  unsteady.mode = "down";
  for (let i = 0; i < 20; i++) await put(log, `${i} ${"x".repeat(1000)}`);
  const used = async (): Promise<number> => {
    const entries = await files.readdir(`/spool/${DATASET}/0`);
    const stats = await Promise.all(
      entries.map((e) => files.stat(`/spool/${DATASET}/0/${e.name}`)),
    );
    return stats.reduce((sum, stat) => sum + (stat?.sizeBytes ?? 0), 0);
  };
  assert.ok((await used()) > 20_000);
  unsteady.mode = "fine";
  await clock.advance(10_000);
  await log.close();
  assert.equal((await unsteady.texts(0)).length, 20);
  assert.ok((await used()) <= 3000, `${await used()} bytes`);
});

test("another number of partitions is another installation's spool", async () => {
  const { memory, open } = await world();
  await memory.create(DATASET, 3);
  await assert.rejects(open(), { code: "configuration", message: /spool\.dir.*3 partitions/ });
});

// The archiver (DESIGN: archive): what it writes is a function of the log, tiles from genesis, holds every
// record byte for byte, and says in the manifest what the objects hold.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { MemoryObjectStore } from "@tandem/adapters/memory";
import { parquetCodec } from "@tandem/adapters/parquet";
import { ARCHIVER_GROUP } from "@tandem/ingest";
import {
  below,
  ColumnScanner,
  cutOffsets,
  DAY_MS,
  type EventLog,
  ManifestIndex,
  newestCut,
  ROW_CUT,
  ROW_EVENT,
  readManifest,
  seededRandom,
  TandemError,
} from "@tandem/shared-logic";
import {
  anyRecords,
  append,
  archiver,
  contents,
  DATASET,
  LIMITS,
  logOf,
  undisturbed,
} from "./log-of-records.ts";

const SEEDS = [1, 2, 3, 4, 5, 6];

test("objects do not depend on when and in what batches the log is read", async () => {
  for (const seed of SEEDS) {
    const random = seededRandom(seed);
    const values = anyRecords(seed, 150);
    const whole = await undisturbed(values);
    assert.ok(whole.size > 10, `seed ${seed}`);
    const [log, objects] = [await logOf([]), new MemoryObjectStore()];
    let current = archiver(log, objects, { readBytes: 1 + below(random, 2000) });
    for (let from = 0; from < values.length; ) {
      const until = from + 1 + below(random, 30);
      await append(log, values.slice(from, until));
      await current.step();
      // Now and then a new one goes on where the manifest ends.
      if (below(random, 3) === 0)
        current = archiver(log, objects, { readBytes: 1 + below(random, 2000) });
      from = until;
    }
    assert.deepEqual(await contents(objects), whole, `seed ${seed}`);
  }
});

test("ranges tile, and objects hold every record below the archive's end", async () => {
  for (const seed of SEEDS) {
    const values = anyRecords(seed, 150);
    const [log, objects] = [await logOf(values), new MemoryObjectStore()];
    const current = archiver(log, objects);
    assert.equal(await current.step(), true);
    assert.equal(await current.step(), false);
    const entries = await readManifest(objects, DATASET, 0, 0);
    const end = entries.at(-1)?.to ?? 0;
    assert.ok(end > values.length - LIMITS.records && end <= values.length);
    assert.deepEqual(await log.committed(DATASET, ARCHIVER_GROUP), [end]);
    let offset = 0;
    for (const entry of entries) {
      assert.equal(entry.from, offset);
      const object = (await objects.get(entry.object)) ?? new Uint8Array(0);
      assert.equal(entry.sizeBytes, object.length);
      assert.equal(entry.sha256, createHash("sha256").update(object).digest("hex"));
      const records = await parquetCodec.records(object);
      for (let i = 0; i < records.count; i++, offset++) {
        assert.equal(records.offsets[i], offset);
        const value = records.bytes.subarray(records.starts[i], records.ends[i]);
        assert.equal(Buffer.compare(value, values[offset] ?? new Uint8Array(0)), 0);
      }
      assert.equal(entry.to, offset);
    }
  }
});

test("entries count what the log's own columns count, and carry the cuts that took effect", async () => {
  for (const seed of SEEDS) {
    const log = await logOf(anyRecords(seed, 150));
    const objects = new MemoryObjectStore();
    await archiver(log, objects).step();
    let seq = 0;
    for (const entry of await readManifest(objects, DATASET, 0, 0)) {
      const batch = await log.read(DATASET, 0, entry.from, 1e9);
      const columns = new ColumnScanner([]).scan(batch);
      const [days, sentDays]: Record<string, number>[] = [{}, {}];
      const counts = { events: 0, cuts: 0, dead: 0 };
      let received: number | null = null;
      let cut: unknown;
      for (let row = 0; row < entry.to - entry.from; row++) {
        const kind = columns.rowKinds[row];
        if (kind === ROW_EVENT) {
          counts.events++;
          const [day, sent] = [columns.timeMs, columns.sentMs].map((ms) =>
            Math.floor(ms[row]! / DAY_MS),
          );
          if (days) days[String(day)] = (days[String(day)] ?? 0) + 1;
          if (sentDays) sentDays[String(sent)] = (sentDays[String(sent)] ?? 0) + 1;
          received = Math.max(received ?? 0, columns.receivedMs[row]!);
        } else if (kind === ROW_CUT) {
          counts.cuts++;
          if (columns.cut(row).seq <= seq) continue;
          seq = columns.cut(row).seq;
          cut = columns.cut(row);
          assert.equal(row, entry.to - entry.from - 1, "an effective cut ends its object");
        } else counts.dead++;
      }
      const { events, cuts, dead } = entry;
      assert.deepEqual({ events, cuts, dead }, counts);
      assert.deepEqual([entry.days, entry.sentDays], [days, sentDays]);
      assert.equal(entry.receivedMs, received);
      assert.equal(entry.seq, seq);
      assert.deepEqual(entry.cut, cut);
    }
  }
});

test("V of a cut is one past its record", async () => {
  const values = anyRecords(9, 200);
  const objects = new MemoryObjectStore();
  await archiver(await logOf(values), objects).step();
  const index = new ManifestIndex(objects, DATASET, [0]);
  await index.poll();
  const newest = newestCut(index.entries);
  assert.ok(newest && newest.seq > 2);
  for (let seq = 1; seq <= newest.seq; seq++) {
    const [v] = cutOffsets(index.entries, seq) ?? [0];
    const text = Buffer.from(values[(v ?? 0) - 1] ?? []).toString("latin1");
    assert.ok(text.endsWith(`{"seq":${seq},"activates":[],"retires":[]}`), text);
  }
});

test("offsets that the log skips belong to the object behind them", async () => {
  const values = anyRecords(4, 60);
  const inner = await logOf(values);
  const stretch = (offset: number): number => offset * 3;
  // Every offset tripled: two of three hold no record, as in a compacted log.
  const holed: EventLog = Object.assign(Object.create(inner) as EventLog, {
    read: async (dataset: string, partition: number, from: number, maxBytes: number) => {
      const batch = await inner.read(dataset, partition, Math.ceil(from / 3), maxBytes);
      return { ...batch, offsets: batch.offsets.map(stretch), to: stretch(batch.to) };
    },
  });
  for (const readBytes of [1, 500, 1e6]) {
    const objects = new MemoryObjectStore();
    await archiver(holed, objects, { readBytes }).step();
    const entries = await readManifest(objects, DATASET, 0, 0);
    assert.ok(entries.length > 4);
    for (const entry of entries) assert.equal(entry.to % 3, 1);
    const records = entries.reduce((sum, e) => sum + e.events + e.cuts + e.dead, 0);
    assert.equal(stretch(records) - 2, entries.at(-1)?.to);
  }
});

test("run goes on until it is stopped, and tries again after failures that may pass", async () => {
  const values = anyRecords(5, 100);
  const log = await logOf(values.slice(0, 50));
  const objects = new MemoryObjectStore();
  const stop = new AbortController();
  const failures: string[] = [];
  let reads = 0;
  const flaky: EventLog = Object.assign(Object.create(log) as EventLog, {
    read: async (...args: Parameters<EventLog["read"]>) => {
      if (++reads === 3) throw new TandemError("log_unavailable");
      return log.read(...args);
    },
    waitFor: async (...args: Parameters<EventLog["waitFor"]>) => {
      if ((await log.ranges(DATASET))[0]?.end === 50) await append(log, values.slice(50));
      else stop.abort();
      return log.waitFor(...args);
    },
  });
  const onRetry = (error: TandemError): void => void failures.push(error.code);
  await archiver(flaky, objects, { onRetry, readBytes: 2000 }).run(stop.signal);
  assert.deepEqual(await contents(objects), await undisturbed(values));
  assert.deepEqual(failures, ["log_unavailable"]);
});

test("run stops with a failure that will not pass", async () => {
  const log = await logOf(anyRecords(1, 5));
  const current = archiver(log, new MemoryObjectStore(), { genesis: 99 });
  await assert.rejects(current.run(new AbortController().signal), { code: "offset_out_of_range" });
});

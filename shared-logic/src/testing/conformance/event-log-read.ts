// EventLog contract lines 5, 6, 10 and 13: what read returns, where it refuses, retention, and traces.
import type { RecordBatch } from "../../ports/event-log.ts";
import { seededRandom } from "../../ports/random.ts";
import { expectEqual, expectTrue } from "../expect.ts";
import {
  type AddLogCase,
  errorOf,
  offsetsOf,
  plainRecord,
  randomValue,
  readAll,
  readTexts,
  record,
} from "./event-log-case.ts";

const decoder = new TextDecoder();

export function readCases(add: AddLogCase): void {
  add("5: any offset and any size of read give the same records", async (opened) => {
    const { dataset, reopen } = opened;
    let log = opened.log;
    await log.create(dataset, 1);
    const random = seededRandom(501);
    const key = new Uint8Array(5);
    for (let call = 0; call < 12; call++) {
      const values = Array.from({ length: 20 }, () => randomValue(random, 600));
      const records = values.map((value) => ({ partition: 0, key, value }));
      offsetsOf(await log.append(dataset, records));
    }
    const all = await readAll(log, dataset, 0);
    expectEqual(all.length, 240);
    // Once as it was just written, once as a restart finds it.
    for (let round = 0; round < 2; round++) {
      for (const maxBytes of [0, 1, 1000, 9000, 1 << 30]) {
        expectEqual(await readAll(log, dataset, 0, maxBytes), all, `in reads of ${maxBytes}`);
      }
      for (let i = 0; i < all.length; i += 17) {
        const batch = await log.read(dataset, 0, all[i]?.offset ?? 0, 1);
        expectEqual(batch.offsets[0], all[i]?.offset);
        expectEqual(batch.bytes.slice(batch.starts[0], batch.ends[0]), all[i]?.value);
      }
      if (reopen !== undefined) log = await reopen();
    }
    await log.close();
  });

  add("5: a read ends about at maxBytes, with at least one record", async ({ log, dataset }) => {
    await log.create(dataset, 1);
    const records = Array.from({ length: 100 }, (_, i) => record(0, `${i}`.padEnd(1000, ".")));
    const [first = 0] = offsetsOf(await log.append(dataset, records));
    const batch = await log.read(dataset, 0, first, 10_000);
    expectTrue(batch.count >= 1 && batch.count <= 20, `${batch.count} records of 1000 bytes`);
    const one = await log.read(dataset, 0, first, 10);
    expectTrue(one.count >= 1 && one.count <= 2, `${one.count} records where one is too large`);
  });

  add("5: none at the end, and `to` stays there", async ({ log, dataset }) => {
    await log.create(dataset, 1);
    const empty = (await log.ranges(dataset))[0]?.end ?? -1;
    const none = await log.read(dataset, 0, empty, 1000);
    expectEqual([none.count, none.to], [0, empty]);
    offsetsOf(await log.append(dataset, [record(0, "a"), record(0, "b")]));
    const end = (await log.ranges(dataset))[0]?.end ?? -1;
    const after = await log.read(dataset, 0, end, 1000);
    expectEqual([after.count, after.to], [0, end]);
  });

  add("5: a batch that was read does not change when more is appended", async (opened) => {
    const { log, dataset } = opened;
    await log.create(dataset, 1);
    const [first = 0] = offsetsOf(await log.append(dataset, [record(0, "one"), record(0, "two")]));
    const batch = await log.read(dataset, 0, first, 1000);
    const before = batch.bytes.slice();
    for (let i = 0; i < 50; i++) await log.append(dataset, [record(0, "x".repeat(3000))]);
    expectEqual(batch.bytes, before);
    expectEqual(batch.count, 2);
  });

  add("5: a batch that was not released stays as it is when others are read", async (opened) => {
    const { log, dataset } = opened;
    await log.create(dataset, 1);
    const values = Array.from({ length: 40 }, (_, i) => `${i}`.padEnd(5_000, `${i}`));
    const offsets = offsetsOf(
      await log.append(
        dataset,
        values.map((value) => record(0, value)),
      ),
    );
    const kept: { readonly batch: RecordBatch; readonly before: Uint8Array }[] = [];
    for (const [i, offset] of offsets.entries()) {
      const batch = await log.read(dataset, 0, offset, 100_000);
      const first = batch.bytes.slice(batch.starts[0], batch.ends[0]);
      expectEqual(decoder.decode(first), values[i], `offset ${offset}`);
      if (i % 4 === 0) kept.push({ batch, before: batch.bytes.slice() });
      else batch.release?.();
      if (i % 4 === 1) batch.release?.();
    }
    for (const { batch, before } of kept) expectEqual(batch.bytes, before);
  });

  add("6: outside of start and end is refused, with both", async ({ log, dataset }) => {
    await log.create(dataset, 1);
    offsetsOf(await log.append(dataset, [record(0, "a"), record(0, "b")]));
    const range = (await log.ranges(dataset))[0];
    const { start = 0, end = 0 } = range ?? {};
    for (const from of [start - 1, end + 1, end + 1_000_000]) {
      const { code, details } = await errorOf(() => log.read(dataset, 0, from, 1000));
      expectEqual([code, { ...details, start, end }], ["offset_out_of_range", details]);
    }
  });

  add("13: a trace is given back beside its record, or lost", async ({ log, dataset }) => {
    await log.create(dataset, 1);
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const traced = { ...plainRecord(0, "traced"), traceparent };
    const offsets = offsetsOf(await log.append(dataset, [record(0, "a"), traced, record(0, "b")]));
    const [from = 0, offset = 0] = offsets;
    const batch = await log.read(dataset, 0, from, 1 << 20);
    expectEqual(batch.traces ?? [{ offset, traceparent }], [{ offset, traceparent }]);
    const rest = await log.read(dataset, 0, offset + 1, 1 << 20);
    expectEqual([rest.count, rest.traces], [1, undefined]);
    expectEqual(await readTexts(log, dataset, 0), ["a", "traced", "b"]);
  });

  add("10: retention moves the start and nothing else", async (opened) => {
    const { log, dataset, dropBelow, reopen } = opened;
    if (dropBelow === undefined) return;
    await log.create(dataset, 2);
    for (let i = 0; i < 60; i++) {
      offsetsOf(await log.append(dataset, [record(0, `${i}`.padEnd(5000, ".")), record(1, "x")]));
    }
    const all = await readAll(log, dataset, 0);
    const middle = all[40]?.offset ?? 0;
    await dropBelow(0, middle);
    const check = async (at: typeof log) => {
      const range = (await at.ranges(dataset))[0];
      const start = range?.start ?? 0;
      expectTrue(start > (all[0]?.offset ?? 0) && start <= middle, `start ${start} of ${middle}`);
      expectEqual(
        await readAll(at, dataset, 0),
        all.filter((r) => r.offset >= start),
      );
      expectEqual(
        (await errorOf(() => at.read(dataset, 0, start - 1, 10))).code,
        "offset_out_of_range",
      );
      expectEqual((await readTexts(at, dataset, 1)).length, 60);
    };
    await check(log);
    if (reopen === undefined) return;
    const again = await reopen();
    await check(again);
    await again.close();
  });
}

// Whatever fails wherever, and however many archivers work at once: whoever goes on finishes the same
// archive, byte for byte. Only other records under the same name are an error.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryObjectStore } from "@tandem/adapters/memory";
import { parquetCodec } from "@tandem/adapters/parquet";
import {
  type ArchiveCodec,
  archiveKey,
  type EventLog,
  type ObjectStore,
  readManifest,
} from "@tandem/shared-logic";
import {
  anyRecords,
  append,
  archiver,
  contents,
  DATASET,
  logOf,
  undisturbed,
} from "./log-of-records.ts";

class Crash extends Error {}

/** Throws at the n-th call of any method: before it takes effect, or after. */
function crashing<T extends object>(port: T, calls: { left: number }, after: boolean): T {
  return new Proxy(port, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      if (name === "list") return method.bind(target);
      return async (...args: unknown[]) => {
        const isLast = --calls.left === 0;
        if (isLast && !after) throw new Crash();
        const result: unknown = await method.apply(target, args);
        if (isLast) throw new Crash();
        return result;
      };
    },
  });
}

test("a crash at any call of any port changes nothing in what comes out", async () => {
  const values = anyRecords(3, 60);
  const whole = await undisturbed(values);
  let crashes = 0;
  for (const after of [false, true]) {
    for (let call = 1; ; call++) {
      const [log, objects] = [await logOf(values.slice(0, 30)), new MemoryObjectStore()];
      const calls = { left: call };
      const doomed = archiver(
        crashing<EventLog>(log, calls, after),
        crashing<ObjectStore>(objects, calls, after),
        { readBytes: 1500 },
      );
      let crashed = false;
      const step = (): Promise<unknown> =>
        doomed.step().catch((error: unknown) => {
          if (!(error instanceof Crash)) throw error;
          crashed = true;
        });
      await step();
      await append(log, values.slice(30));
      if (!crashed) await step();
      if (!crashed) break;
      crashes++;
      // Either the same one tries again or another one takes over.
      const next = call % 2 === 0 ? doomed : archiver(log, objects);
      await next.step();
      assert.deepEqual(await contents(objects), whole, `call ${call}`);
    }
  }
  assert.ok(crashes > 40, `${crashes} crashes`);
});

test("two archivers at once make one archive", async () => {
  const values = anyRecords(6, 120);
  const [log, objects] = [await logOf(values), new MemoryObjectStore()];
  const others = [700, 1300, 4000].map((readBytes) => archiver(log, objects, { readBytes }));
  await Promise.all(others.map((a) => a.step()));
  assert.deepEqual(await contents(objects), await undisturbed(values));
});

test("an archiver with other limits goes on behind what stands in the manifest", async () => {
  const values = anyRecords(7, 120);
  const [log, objects] = [await logOf(values), new MemoryObjectStore()];
  const slow = archiver(log, objects);
  // It has read its first objects' records when the other one is already through.
  const gate = archiver(
    log,
    new Proxy(objects, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (name !== "putIfAbsent")
          return typeof method === "function" ? method.bind(target) : method;
        return async (key: string, bytes: Uint8Array) => {
          await slow.step();
          return target.putIfAbsent(key, bytes);
        };
      },
    }),
    { limits: { records: 5, bytes: 1e6 } },
  );
  await gate.step();
  const entries = await readManifest(objects, DATASET, 0, 0);
  const listed = await undisturbed(values);
  for (const [key, bytes] of listed) assert.equal((await contents(objects)).get(key), bytes);
  // Its own objects begin behind the last of the other's.
  assert.ok((entries.at(-1)?.to ?? 0) > values.length - 5);
});

/** The codec with a byte in front: other bytes for the same records, as another compressor gives. */
function marked(mark: number): ArchiveCodec {
  return {
    extension: parquetCodec.extension,
    encode: async (...args) =>
      Buffer.concat([Uint8Array.of(mark), await parquetCodec.encode(...args)]),
    records: (object) => parquetCodec.records(object.subarray(1)),
    columns: (object, fields) => parquetCodec.columns(object.subarray(1), fields),
  };
}

test("an object with the same records in other bytes is adopted", async () => {
  const values = anyRecords(8, 60);
  const log = await logOf(values);
  const first = new MemoryObjectStore();
  await archiver(log, first, { codec: marked(1) }).step();
  const objects = new MemoryObjectStore();
  const [entry] = await readManifest(first, DATASET, 0, 0);
  assert.ok(entry);
  await objects.putIfAbsent(entry.object, (await first.get(entry.object)) ?? new Uint8Array(0));
  await archiver(log, objects, { codec: marked(2) }).step();
  const [adopted, next] = await readManifest(objects, DATASET, 0, 0);
  assert.deepEqual(adopted, entry);
  assert.equal((await objects.get(next?.object ?? ""))?.[0], 2);
});

test("other records under the same name are object_conflict", async () => {
  const values = anyRecords(8, 60);
  const [log, objects] = [await logOf(values), new MemoryObjectStore()];
  await archiver(log, objects).step();
  const [entry] = await readManifest(objects, DATASET, 0, 0);
  assert.ok(entry);
  const others = new MemoryObjectStore();
  const strange = await archiver(await logOf(anyRecords(99, 60)), others).step();
  assert.ok(strange);
  const [foreign] = await readManifest(others, DATASET, 0, 0);
  const fresh = new MemoryObjectStore();
  const key = archiveKey(DATASET, 0, entry.from, entry.to, parquetCodec.extension);
  await fresh.putIfAbsent(key, (await others.get(foreign?.object ?? "")) ?? new Uint8Array(0));
  await assert.rejects(archiver(log, fresh).step(), { code: "object_conflict" });
  assert.equal((await readManifest(fresh, DATASET, 0, 0)).length, 0);
});

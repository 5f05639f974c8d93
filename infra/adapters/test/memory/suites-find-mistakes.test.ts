// The suites of logs, object stores and checkpoint stores find planted mistakes: one for each contract
// line that the adapters in memory can break.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AppendRecord, StoredObject } from "@tandem/shared-logic";
import {
  checkpointStoreSuite,
  eventLogSuite,
  objectStoreSuite,
} from "@tandem/shared-logic/testing";
import { MemoryCheckpointStore } from "../../src/memory/memory-checkpoint-store.ts";
import { MemoryEventLog } from "../../src/memory/memory-event-log.ts";
import { MemoryObjectStore } from "../../src/memory/memory-object-store.ts";
import { caughtBy } from "../caught-by.ts";

class LosesOne extends MemoryEventLog {
  override async append(dataset: string, records: readonly AppendRecord[]) {
    const results = await super.append(dataset, records.slice(0, 10));
    return [
      ...results,
      ...records
        .slice(10)
        .map((r, i) => ({ ok: true as const, partition: r.partition, offset: 10 + i })),
    ];
  }
}
class Reverses extends MemoryEventLog {
  override async append(dataset: string, records: readonly AppendRecord[]) {
    return [...(await super.append(dataset, [...records].reverse()))].reverse();
  }
}
class OneBehind extends MemoryEventLog {
  override async read(dataset: string, partition: number, from: number, maxBytes: number) {
    const batch = await super.read(dataset, partition, from, maxBytes);
    return { ...batch, offsets: batch.offsets.map((o) => o + 1) };
  }
}
class ReadsAll extends MemoryEventLog {
  override read(dataset: string, partition: number, from: number) {
    return super.read(dataset, partition, from, Number.POSITIVE_INFINITY);
  }
}
class ReadsToSame extends MemoryEventLog {
  private readonly memory = new Uint8Array(1 << 18);
  override async read(dataset: string, partition: number, from: number, maxBytes: number) {
    const batch = await super.read(dataset, partition, from, maxBytes);
    if (batch.bytes.length > this.memory.length) return batch;
    this.memory.set(batch.bytes);
    return { ...batch, bytes: this.memory };
  }
}
class ReadsAnywhere extends MemoryEventLog {
  override async read(dataset: string, partition: number, from: number, maxBytes: number) {
    const { start = 0, end = 0 } = (await this.ranges(dataset))[partition] ?? {};
    return super.read(dataset, partition, Math.min(end, Math.max(start, from)), maxBytes);
  }
}
class WakesForAny extends MemoryEventLog {
  override waitFor(dataset: string, partition: number, _offset: number, timeoutMs: number) {
    return super.waitFor(dataset, partition, -1, timeoutMs);
  }
}
class CreatesAgain extends MemoryEventLog {
  override async partitions(dataset: string) {
    return (await super.partitions(dataset)) + 1;
  }
}
class CommitsForAll extends MemoryEventLog {
  override commit(dataset: string, _group: string, partition: number, offset: number) {
    return super.commit(dataset, "all", partition, offset);
  }
}
class StaysOpen extends MemoryEventLog {
  override async close() {}
}

const LOGS = [
  LosesOne,
  Reverses,
  OneBehind,
  ReadsAll,
  ReadsToSame,
  ReadsAnywhere,
  WakesForAny,
  CreatesAgain,
  CommitsForAll,
  StaysOpen,
];
for (const Mutant of LOGS) {
  test(`event log suite finds ${Mutant.name}`, { timeout: 5000 }, async (t) => {
    const open = async () => ({ log: new Mutant(), dataset: "events" });
    const found = await caughtBy((each) => eventLogSuite({ test: each, open }));
    assert.ok(found);
    t.diagnostic(found);
  });
}

class Overwrites extends MemoryObjectStore {
  override async putIfAbsent(key: string, bytes: Uint8Array) {
    await this.remove(key);
    return super.putIfAbsent(key, bytes);
  }
}
class NeverConflicts extends MemoryObjectStore {
  override putIfAbsent(key: string, bytes: Uint8Array) {
    return super.putIfAbsent(key, bytes).catch(() => "exists" as const);
  }
}
class ClosedRange extends MemoryObjectStore {
  override getRange(key: string, from: number, until: number) {
    return super.getRange(key, from, until + 1);
  }
}
class AfterInclusive extends MemoryObjectStore {
  override list(prefix: string, after?: string) {
    return super.list(prefix, after?.slice(0, -1));
  }
}
class FolderOrder extends MemoryObjectStore {
  override async *list(prefix: string, after?: string): AsyncGenerator<StoredObject> {
    const all: StoredObject[] = [];
    for await (const object of super.list(prefix, after)) all.push(object);
    const parts = (o: StoredObject) => o.key.replaceAll("/", "\u0000");
    yield* all.sort((a, b) => (parts(a) < parts(b) ? -1 : 1));
  }
}
class KeepsRemoved extends MemoryObjectStore {
  override async remove() {}
}
for (const Mutant of [
  Overwrites,
  NeverConflicts,
  ClosedRange,
  AfterInclusive,
  FolderOrder,
  KeepsRemoved,
]) {
  test(`object store suite finds ${Mutant.name}`, async (t) => {
    const open = async () => ({ store: new Mutant() });
    const found = await caughtBy((each) => objectStoreSuite({ test: each, open }));
    assert.ok(found);
    t.diagnostic(found);
  });
}

class FirstWins extends MemoryCheckpointStore {
  override async put(name: string, bytes: Uint8Array) {
    if ((await this.get(name)) === undefined) await super.put(name, bytes);
  }
}
class InTwoSteps extends MemoryCheckpointStore {
  override async put(name: string, bytes: Uint8Array) {
    await super.put(name, bytes.slice(0, bytes.length / 2));
    for (let turn = 0; turn < 5; turn++) await null;
    await super.put(name, bytes);
  }
}
class ListsAll extends MemoryCheckpointStore {
  override list() {
    return super.list("");
  }
}
class KeepsCheckpoints extends MemoryCheckpointStore {
  override async remove() {}
}
for (const Mutant of [FirstWins, InTwoSteps, ListsAll, KeepsCheckpoints]) {
  test(`checkpoint store suite finds ${Mutant.name}`, async (t) => {
    const open = async () => ({ store: new Mutant() });
    const found = await caughtBy((each) => checkpointStoreSuite({ test: each, open }));
    assert.ok(found);
    t.diagnostic(found);
  });
}

// What a program on the three embedded stores was promised, and the check that what is found keeps it.
import assert from "node:assert/strict";
import type { CheckpointStore, EventLog, ObjectStore } from "@tandem/shared-logic";
import { readAll } from "@tandem/shared-logic/testing";

export const DATASET = "events";
export const PARTITIONS = 2;
const SIZES = [40, 40, 40, 40, 600, 2000];

export interface Stores {
  readonly log: EventLog & {
    dropBelow(dataset: string, partition: number, offset: number): Promise<void>;
  };
  readonly objects: ObjectStore;
  readonly checkpoints: CheckpointStore;
}

const made = new Map<number, Uint8Array>();

/** Bytes that tell which they are and whether they are whole. */
export function bytesOf(id: number): Uint8Array {
  const known = made.get(id);
  if (known !== undefined) return known;
  const bytes = new Uint8Array(SIZES[(id * 7919) % SIZES.length] ?? 16);
  for (let i = 0; i < bytes.length; i++) bytes[i] = id * 31 + i * 7 + (i >> 8);
  new DataView(bytes.buffer).setUint32(0, id);
  made.set(id, bytes);
  return bytes;
}

function idOf(bytes: Uint8Array, what: string): number {
  assert.ok(bytes.length >= 4, `${what}: ${bytes.length} bytes`);
  const id = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  assert.equal(Buffer.compare(bytes, bytesOf(id)), 0, `${what}: torn`);
  return id;
}

/** A name's content: what is promised, and what was tried since and may be there instead. */
interface Content {
  settled: number | undefined;
  tried: Set<number>;
}

export class Truth {
  private nextId = 1;
  /** The partition of each record ever tried. */
  private readonly partitionOf = new Map<number, number>();
  /** By partition, the records that were accepted or read, by offset. */
  private readonly safe = Array.from({ length: PARTITIONS }, () => new Map<number, number>());
  readonly floors = new Array<number>(PARTITIONS).fill(0);
  readonly objects = new Map<string, Content>();
  readonly checkpoints = new Map<string, Content>();
  created = false;

  newId(partition = -1): number {
    this.partitionOf.set(this.nextId, partition);
    return this.nextId++;
  }

  content(of: Map<string, Content>, name: string): Content {
    const content = of.get(name) ?? { settled: undefined, tried: new Set() };
    of.set(name, content);
    return content;
  }

  /** The record of `id` was accepted, or read, at an offset. */
  note(partition: number, offset: number, id: number): void {
    const known = this.safe[partition]?.get(offset) ?? id;
    assert.equal(known, id, `offset ${offset} of ${partition} used twice`);
    assert.equal(this.partitionOf.get(id), partition, `record ${id} in another partition`);
    this.safe[partition]?.set(offset, id);
  }

  end(partition: number): number {
    return Math.max(-1, ...(this.safe[partition]?.keys() ?? [])) + 1;
  }

  /** Reads on from `from`: what is readable once must stay. */
  async learn(log: EventLog, partition: number, from: number, maxBytes: number): Promise<void> {
    const { start = 0, end = 0 } = (await log.ranges(DATASET))[partition] ?? {};
    const at = Math.min(end, Math.max(start, from));
    for (const { offset, value } of await readAll(log, DATASET, partition, maxBytes, at)) {
      this.note(partition, offset, idOf(value, `offset ${offset}`));
    }
  }

  /** Checks everything; with `learn`, what is found is promised from now on. */
  async check({ log, objects, checkpoints }: Stores, learn: boolean): Promise<void> {
    const partitions = await log.partitions(DATASET);
    assert.ok(partitions === PARTITIONS || (partitions === 0 && !this.created), "the dataset");
    for (let p = 0; p < partitions; p++) await this.checkPartition(log, p, learn);
    const objectKeys: string[] = [];
    for await (const { key } of objects.list("")) objectKeys.push(key);
    await checkContents(this.objects, objectKeys, (key) => objects.get(key), learn);
    const names = await checkpoints.list("");
    await checkContents(this.checkpoints, names, (name) => checkpoints.get(name), learn);
  }

  private async checkPartition(log: EventLog, partition: number, learn: boolean): Promise<void> {
    const safe = this.safe[partition] ?? new Map<number, number>();
    const { start = -1, end = -1 } = (await log.ranges(DATASET))[partition] ?? {};
    assert.ok(start <= (this.floors[partition] ?? 0), `start ${start} above what was dropped`);
    assert.ok(end >= this.end(partition), `end ${end} below ${this.end(partition)}`);
    const found = new Map<number, number>();
    let before = 0;
    for (const { offset, value } of await readAll(log, DATASET, partition, 5000)) {
      const id = idOf(value, `offset ${offset}`);
      assert.ok(id > before, `record ${id} behind ${before}`);
      assert.equal(this.partitionOf.get(id), partition, `record ${id} in another partition`);
      found.set(offset, id);
      before = id;
    }
    for (const [offset, id] of safe) {
      if (offset >= start) assert.equal(found.get(offset), id, `offset ${offset} of ${partition}`);
    }
    if (learn) for (const [offset, id] of found) this.note(partition, offset, id);
  }
}

async function checkContents(
  contents: Map<string, Content>,
  listed: readonly string[],
  get: (name: string) => Promise<Uint8Array | undefined>,
  learn: boolean,
): Promise<void> {
  for (const name of listed) assert.ok(contents.has(name), `${name} out of nowhere`);
  for (const [name, content] of contents) {
    const bytes = await get(name);
    const id = bytes && idOf(bytes, name);
    assert.equal(listed.includes(name), bytes !== undefined, `${name} listed and absent`);
    const fine = id === content.settled || (id !== undefined && content.tried.has(id));
    assert.ok(fine, `${name} holds ${id}, not ${content.settled}`);
    if (!learn) continue;
    content.settled = id;
    content.tried = new Set();
  }
}

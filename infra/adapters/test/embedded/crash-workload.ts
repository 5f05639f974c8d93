// A program that uses the three embedded stores at random until the power goes, and what is checked
// about the images that are left: the next program begins on one of them, and goes the same way.
import assert from "node:assert/strict";
import { below, type Random, seededRandom, TandemError } from "@tandem/shared-logic";
import { FileCheckpointStore } from "../../src/embedded/file-checkpoint-store.ts";
import { FileEventLog } from "../../src/embedded/file-event-log.ts";
import { CrashFiles } from "../../src/embedded/files/crash-files.ts";
import type { FileLayer } from "../../src/embedded/files/file-layer.ts";
import { FolderObjectStore } from "../../src/embedded/folder-object-store.ts";
import { bytesOf, DATASET, PARTITIONS, type Stores, Truth } from "./crash-truth.ts";
import { mortalFiles } from "./mortal-files.ts";

const GENERATIONS = 3;
const STEPS = 90;
const KEY = new Uint8Array(3);

async function openStores(files: FileLayer): Promise<Stores> {
  return {
    log: await FileEventLog.open("/data/log", {
      files,
      segmentBytes: 4000,
      groupBytes: 2000,
      tailBytes: 4000,
      // Real time would make a seed play differently each time.
      patienceMs: () => 0,
    }),
    objects: await FolderObjectStore.open("/data/objects", files),
    checkpoints: await FileCheckpointStore.open("/data/checkpoints", files),
  };
}

/** Lives one seed; `plant` puts a mistake under the stores. Throws where a promise is broken. */
export async function liveAndDie(
  seed: number,
  plant: (files: FileLayer, random: Random) => FileLayer = (files) => files,
): Promise<{ readonly images: number }> {
  const random = seededRandom(seed);
  const truth = new Truth();
  let disk = new CrashFiles(64);
  let images = 0;
  for (let generation = 0; generation < GENERATIONS; generation++) {
    const files = mortalFiles(plant(disk, random), 1 + below(random, 500), random);
    await program(files, truth, random);
    // One image is looked at closely, the next program starts on another.
    const image = disk.image(random);
    const found = await openStores(plant(image, random));
    await truth.check(found, false);
    await goesOn(found, truth);
    disk = disk.image(random);
    images += 2;
  }
  const last = await openStores(plant(disk, random));
  await truth.check(last, true);
  return { images };
}

/** The stores take and give again after the crash. */
async function goesOn({ log }: Stores, truth: Truth): Promise<void> {
  await log.create(DATASET, PARTITIONS);
  const end = (await log.ranges(DATASET))[0]?.end;
  const [result] = await log.append(DATASET, [{ partition: 0, key: KEY, value: bytesOf(1) }]);
  assert.ok(result?.ok && result.offset === end && result.offset >= truth.end(0));
}

async function program(
  files: FileLayer & { readonly isCut: () => boolean },
  truth: Truth,
  random: Random,
): Promise<void> {
  const pending = new Set<Promise<void>>();
  /** What the power cut or a full disk made of a call is no promise; a broken promise is. */
  const start = (call: () => Promise<void>): Promise<void> => {
    const running = call().catch((error: unknown) => {
      if (error instanceof assert.AssertionError) throw error;
      if (files.isCut()) return;
      // Another's object was first; a segment was dropped under a reader.
      const fine = ["object_conflict", "offset_out_of_range", "log_unavailable"];
      if (!(error instanceof TandemError && fine.includes(error.code))) throw error;
    });
    pending.add(running);
    const done = () => void pending.delete(running);
    running.then(done, done);
    return running;
  };
  let stores: Stores | undefined;
  await start(async () => {
    const opened = await openStores(files);
    await truth.check(opened, true);
    await opened.log.create(DATASET, PARTITIONS);
    truth.created = true;
    stores = opened;
  });
  for (let step = 0; step < STEPS && stores !== undefined && !files.isCut(); step++) {
    const running = start(action(stores, truth, random));
    running.catch(() => undefined);
    if (below(random, 3) === 0) await [...pending][below(random, pending.size)];
    else if (below(random, 2) === 0) for (let i = below(random, 30); i > 0; i--) await null;
  }
  await Promise.all(pending);
}

function action(stores: Stores, truth: Truth, random: Random): () => Promise<void> {
  const { log, objects, checkpoints } = stores;
  const kind = below(random, 100);
  const partition = below(random, PARTITIONS);
  if (kind < 55) {
    const records = Array.from({ length: 1 + below(random, 5) }, () => {
      const p = below(random, 4) === 0 ? 1 - partition : partition;
      const id = truth.newId(p);
      return { id, partition: p, key: KEY, value: bytesOf(id) };
    });
    return async () => {
      for (const [i, result] of (await log.append(DATASET, records)).entries()) {
        if (result.ok) truth.note(result.partition, result.offset, records[i]?.id ?? -1);
      }
    };
  }
  if (kind < 63) {
    const maxBytes = below(random, 5000);
    const back = below(random, 60);
    return () => truth.learn(log, partition, truth.end(partition) - back, maxBytes);
  }
  if (kind < 70) return () => log.commit(DATASET, "group", partition, truth.end(partition));
  if (kind < 73) {
    const offset = Math.max(0, truth.end(partition) - 40);
    truth.floors[partition] = Math.max(truth.floors[partition] ?? 0, offset);
    return () => log.dropBelow(DATASET, partition, offset);
  }
  const name = `${kind % 2 ? "a" : "b"}/${below(random, 3)}`;
  if (kind < 88) {
    const content = truth.content(truth.checkpoints, name);
    if (content.tried.size > 0) return async () => {};
    const id = truth.newId();
    content.tried.add(id);
    return async () => {
      await checkpoints.put(name, bytesOf(id));
      content.settled = id;
      content.tried.clear();
    };
  }
  const content = truth.content(truth.objects, name);
  const id = content.settled !== undefined && kind < 94 ? content.settled : truth.newId();
  content.tried.add(id);
  return async () => {
    await objects.putIfAbsent(name, bytesOf(id));
    assert.equal(content.settled ?? id, id, `${name} was put twice`);
    content.settled = id;
    content.tried.clear();
  };
}

// The file log when the disk fails or its bytes are damaged: nothing unsynced is called accepted,
// nothing damaged is returned, and a failed fsync is never tried again.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { seededRandom } from "@tandem/shared-logic";
import { FileEventLog } from "../../src/embedded/file-event-log.ts";
import { CrashFiles } from "../../src/embedded/files/crash-files.ts";
import type { FileLayer } from "../../src/embedded/files/file-layer.ts";
import {
  type FileOperation,
  interceptedFiles,
} from "../../src/embedded/files/intercepted-files.ts";
import { freshFolder } from "../fresh-folder.ts";
import { emptyCommits, KEY, outcome, put, texts } from "./file-log-calls.ts";

/** Fails the operations on segment files that `when` holds for; a write is half done before. */
function failing(files: FileLayer, code: string, when: (operation: FileOperation) => boolean) {
  return interceptedFiles(files, async (operation, path, apply, partly) => {
    if (!path.endsWith(".log") || !when(operation)) return apply();
    await partly?.(30);
    throw Object.assign(new Error(code), { code });
  });
}

test("a full disk fails those records and takes them back; later ones are taken", async () => {
  let full = false;
  const disk = new CrashFiles();
  const files = failing(disk, "ENOSPC", (operation) => full && operation === "write");
  const log = await FileEventLog.open("/log", { files });
  await log.create("events", 1);
  assert.deepEqual(outcome(await put(log, "a", "b")), [0, 1]);
  full = true;
  const refused = await put(log, "c", "d");
  assert.deepEqual(outcome(refused), ["log_unavailable", "log_unavailable"]);
  assert.ok(refused.every((r) => !r.ok && "retryable" in r.error && r.error.retryable));
  assert.deepEqual(await texts(log), ["a", "b"]);
  full = false;
  assert.deepEqual(outcome(await put(log, "e")), [2]);
  await log.close();
  assert.deepEqual(await texts(await FileEventLog.open("/log", { files })), ["a", "b", "e"]);
});

test("a failed fsync ends the appends until the log is opened again, and is not repeated", async () => {
  let fails = false;
  let syncs = 0;
  const disk = new CrashFiles();
  const files = failing(disk, "EIO", (operation) => {
    if (operation === "sync") syncs++;
    return fails && operation === "sync";
  });
  const log = await FileEventLog.open("/log", { files });
  await log.create("events", 2);
  await put(log, "a");
  [fails, syncs] = [true, 0];
  assert.deepEqual(outcome(await put(log, "b")), ["log_unavailable"]);
  fails = false;
  assert.deepEqual(outcome(await put(log, "c")), ["log_unavailable"]);
  assert.equal(syncs, 1);
  assert.deepEqual(await texts(log), ["a"]);
  const other = await log.append("events", [{ partition: 1, key: KEY, value: KEY }]);
  assert.deepEqual(outcome(other), ["log_unavailable"], "a commit is of all partitions");
  await log.close();
  const again = await FileEventLog.open("/log", { files });
  assert.deepEqual(await texts(again), ["a"]);
  assert.deepEqual(outcome(await put(again, "d")), [1]);
});

test("a failed roll fails the records, not the partition", async () => {
  let fails = false;
  const files = failing(new CrashFiles(), "EMFILE", (operation) => fails && operation === "open");
  const log = await FileEventLog.open("/log", { files, segmentBytes: 100 });
  await log.create("events", 1);
  await put(log, "a".repeat(80));
  fails = true;
  assert.deepEqual(outcome(await put(log, "b".repeat(80))), ["log_unavailable"]);
  fails = false;
  assert.deepEqual(outcome(await put(log, "c".repeat(80))), [1]);
});

/** A log closed on disk with three segments, and the paths of their files. */
async function threeSegments() {
  const folder = freshFolder();
  const log = await FileEventLog.open(folder, { segmentBytes: 1000 });
  await log.create("events", 1);
  for (let i = 0; i < 30; i++) await put(log, `${i}`.padEnd(86, "."));
  const written = await texts(log);
  await log.close();
  const inside = `${folder}/events/0`;
  const paths = readdirSync(inside).sort();
  assert.equal(paths.length, 3);
  return { folder, written, paths: paths.map((name) => `${inside}/${name}`) };
}

function damage(path: string | undefined, at: number): void {
  if (path === undefined) throw new RangeError("no such segment");
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

test("damage in an older segment is corrupt_bytes, and what is before it is readable", async () => {
  const { folder, written, paths } = await threeSegments();
  damage(paths[1], 450);
  const log = await FileEventLog.open(folder);
  const batch = await log.read("events", 0, 10, 1 << 20);
  assert.equal(batch.to, 14);
  await assert.rejects(log.read("events", 0, 14, 1000), { code: "corrupt_bytes" });
  await assert.rejects(log.read("events", 0, 15, 1000), { code: "corrupt_bytes" });
  const last = await log.read("events", 0, 20, 1 << 20);
  assert.equal(last.count, written.length - 20);
  await log.close();
});

test("damage below an end that was readable is refused, not cut off as a torn tail", async () => {
  const { folder, paths } = await threeSegments();
  damage(paths[2], 350);
  await assert.rejects(FileEventLog.open(folder), {
    code: "corrupt_bytes",
    message: /ends at offset 23, but offsets below 30 were readable/,
  });
});

/** Reopened with the first of two lost frames damaged, then one of equal size in its place. */
async function overTornTail(files: FileLayer): Promise<string[]> {
  const log = await FileEventLog.open("/log", { files });
  await log.create("events", 1);
  await put(log, "one", "two", "six");
  await log.close();
  await emptyCommits(files);
  const file = await files.open("/log/events/0/0000000000000000.log", "update");
  await file.write(17 + 8, Uint8Array.of(99));
  await file.sync();
  const second = await FileEventLog.open("/log", { files });
  await put(second, "new");
  await second.close();
  return texts(await FileEventLog.open("/log", { files }));
}

test("behind a torn frame nothing comes back; planted and found: the tail is not cut off", async () => {
  assert.deepEqual(await overTornTail(new CrashFiles()), ["one", "new"]);
  const lazy = interceptedFiles(new CrashFiles(), async (operation, path, apply) =>
    operation === "truncate" && path.includes("/0/")
      ? (undefined as Awaited<ReturnType<typeof apply>>)
      : apply(),
  );
  assert.deepEqual(await overTornTail(lazy), ["one", "new", "six"]);
});

test("appends that arrive while an fsync runs share the next one", async () => {
  let syncs = 0;
  const files = interceptedFiles(new CrashFiles(), (operation, path, apply) => {
    if (operation === "sync" && path.endsWith(".log")) syncs++;
    return apply();
  });
  const log = await FileEventLog.open("/log", { files });
  await log.create("events", 1);
  syncs = 0;
  const calls = Array.from({ length: 100 }, (_, i) => put(log, `${i}`));
  await calls[0];
  calls.push(...Array.from({ length: 100 }, (_, i) => put(log, `${100 + i}`)));
  const offsets = (await Promise.all(calls)).flatMap(outcome);
  assert.deepEqual(
    offsets,
    offsets.map((_, i) => i),
  );
  assert.ok(syncs <= 3, `${syncs} fsyncs for 200 calls`);
});

test("a power cut in the middle of two drops at once leaves no hole", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seededRandom(seed);
    const disk = new CrashFiles();
    const log = await FileEventLog.open("/log", { files: disk, segmentBytes: 100 });
    await log.create("events", 1);
    for (let i = 0; i < 12; i++) await put(log, `${i}`.padEnd(60, "."));
    const dropped = [log.dropBelow("events", 0, 9), log.dropBelow("events", 0, 10)];
    for (let i = seed % 20; i > 0; i--) await null;
    const image = disk.image(random);
    await Promise.all(dropped);
    const left = await FileEventLog.open("/log", { files: image });
    const { start, end } = (await left.ranges("events"))[0] ?? { start: 0, end: 0 };
    assert.equal((await texts(left)).length, end - start, `seed ${seed}`);
  }
});

// The commit files: what was acknowledged and is not yet in its segment is found there after a crash, a torn
// round is none, and they are used again only when what they hold is elsewhere.
import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@tandem/shared-logic";
import { FileEventLog } from "../../src/embedded/file-event-log.ts";
import { CrashFiles } from "../../src/embedded/files/crash-files.ts";
import { interceptedFiles } from "../../src/embedded/files/intercepted-files.ts";
import { readFile, replaceFile } from "../../src/embedded/files/whole-file.ts";
import { readRounds } from "../../src/embedded/log/commit-record.ts";
import { emptyCommits, KEY, outcome, put, texts } from "./file-log-calls.ts";

test("any cut of a segment is healed by the commit files; without them a prefix is left", async () => {
  const random = seededRandom(7);
  const disk = new CrashFiles();
  const log = await FileEventLog.open("/log", { files: disk });
  await log.create("events", 1);
  const all = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(random.u32() % 40));
  await put(log, ...all.slice(0, 3));
  await put(log, ...all.slice(3));
  await log.close();
  const path = "/log/events/0/0000000000000000.log";
  const size = (await disk.stat(path))?.sizeBytes ?? 0;
  const synced = await disk.open(path, "update");
  await synced.sync();
  for (let cut = 0; cut <= size; cut++) {
    const image = disk.image(random);
    const file = await image.open(path, "update");
    await file.truncate(cut);
    assert.deepEqual(
      await texts(await FileEventLog.open("/log", { files: image.image(random) })),
      all,
    );
    await file.truncate(cut);
    await emptyCommits(image);
    const left = await texts(await FileEventLog.open("/log", { files: image }));
    assert.deepEqual(left, all.slice(0, left.length), `cut at ${cut}`);
    assert.ok(cut < size || left.length === all.length);
  }
});

test("a round that is torn in its commit file is none, also over what an earlier use left there", async () => {
  const disk = new CrashFiles();
  // Commit files of 1,000 bytes, rounds of 220: each holds four.
  const options = { files: disk, segmentBytes: 4000 };
  const log = await FileEventLog.open("/log", options);
  await log.create("events", 1);
  const all = Array.from({ length: 21 }, (_, i) => `${i}`.padEnd(154, "."));
  for (const text of all) await put(log, text);
  const paths = ["commit-0.log", "commit-1.log"].map((name) => `/log/events/${name}`);
  const size = (await disk.stat(paths[0]!))?.sizeBytes ?? 0;
  let lost = 0;
  for (const path of paths) {
    for (let at = 0; at < size; at += 7) {
      const image = disk.image(seededRandom(at));
      const file = await image.open(path, "update");
      const byte = (await file.read(at, 1))[0] ?? 0;
      await file.write(at, Uint8Array.of(byte ^ 1));
      await file.sync();
      const left = await FileEventLog.open("/log", { ...options, files: image }).then(
        texts,
        ({ code }) => code as string,
      );
      if (left === "corrupt_bytes") continue;
      assert.deepEqual(left, all.slice(0, left.length), `${path} at ${at}`);
      if (left.length < all.length) lost++;
    }
  }
  assert.ok(lost > 10, `${lost} lost a round`);
});

test("commit files are used again and again, and hold no more than they may", async () => {
  const disk = new CrashFiles();
  const log = await FileEventLog.open("/log", { files: disk, segmentBytes: 4000 });
  await log.create("events", 2);
  const record = (partition: number) => ({ partition, key: KEY, value: new Uint8Array(100) });
  for (let i = 0; i < 50; i++) await log.append("events", [record(0), record(1)]);
  for (const name of ["commit-0.log", "commit-1.log"]) {
    const size = (await disk.stat(`/log/events/${name}`))?.sizeBytes ?? 0;
    assert.ok(size > 500 && size <= 1000, `${size} bytes`);
  }
});

test("rounds are whole blocks of the file layer's, found one behind the other", async () => {
  const disk = new CrashFiles(512);
  const log = await FileEventLog.open("/log", { files: disk });
  await log.create("events", 1);
  const all = Array.from({ length: 6 }, (_, i) => `${i}`.repeat(1 + 200 * i));
  for (const text of all) await put(log, text);
  const rounds = readRounds(
    (await readFile(disk, "/log/events/commit-0.log")) ?? new Uint8Array(0),
  );
  assert.deepEqual(
    rounds.map(({ end }) => end),
    [512, 1024, 1536, 2560, 3584, 5120],
  );
  const image = await FileEventLog.open("/log", { files: disk.image(seededRandom(3)) });
  assert.deepEqual(await texts(image), all);
});

test("what the segments do not take stays in the commit files, then nothing more is accepted", async () => {
  let full = false;
  const disk = new CrashFiles();
  const files = interceptedFiles(disk, async (operation, path, apply) => {
    if (full && operation === "write" && !path.includes("commit"))
      throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    return apply();
  });
  const log = await FileEventLog.open("/log", { files, segmentBytes: 4000 });
  await log.create("events", 1);
  full = true;
  const accepted: string[] = [];
  for (let i = 0; i < 20; i++) {
    const text = `${i}`.padEnd(100, ".");
    if ((await put(log, text)).every((r) => r.ok)) accepted.push(text);
  }
  assert.ok(accepted.length > 5 && accepted.length < 15, `${accepted.length} accepted`);
  assert.deepEqual(await texts(log), accepted);
  const image = await FileEventLog.open("/log", { files: disk.image(seededRandom(1)) });
  assert.deepEqual(await texts(image), accepted);
  full = false;
  assert.deepEqual(outcome(await put(log, "more")), [accepted.length]);
  assert.deepEqual(await texts(log), [...accepted, "more"]);
});

test("a dataset of format 2, without commit files, is opened and made format 3", async () => {
  const disk = new CrashFiles();
  const log = await FileEventLog.open("/log", { files: disk });
  await log.create("events", 1);
  await put(log, "a", "b");
  await log.close();
  const events = "/log/events";
  await disk.unlink(`${events}/commit-0.log`);
  await disk.unlink(`${events}/commit-1.log`);
  const old = `{"format":2,"partitions":1}\n`;
  await replaceFile(disk, `${events}/dataset.json`, new TextEncoder().encode(old), `${events}/~`);
  const opened = await FileEventLog.open("/log", { files: disk });
  assert.deepEqual(await texts(opened), ["a", "b"]);
  const bytes = await readFile(disk.image(seededRandom(1)), `${events}/dataset.json`);
  assert.match(new TextDecoder().decode(bytes), /"format":3/);
  assert.deepEqual(outcome(await put(opened, "c")), [2]);
});

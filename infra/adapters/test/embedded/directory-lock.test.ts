// The data directory's lock: one owner, whoever races; the dead are succeeded, the living are named.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { below, seededRandom, TandemError } from "@tandem/shared-logic";
import { DirectoryLock } from "../../src/embedded/directory-lock.ts";
import { CrashFiles } from "../../src/embedded/files/crash-files.ts";
import type { FileLayer } from "../../src/embedded/files/file-layer.ts";
import { interceptedFiles } from "../../src/embedded/files/intercepted-files.ts";
import { type Processes, systemProcesses } from "../../src/embedded/process-identity.ts";
import { freshFolder } from "../fresh-folder.ts";

test("a second owner is refused with the pid and what to do; after the release it is not", async () => {
  const folder = `${freshFolder()}/made/on/the/way`;
  const lock = await DirectoryLock.take(folder);
  await assert.rejects(DirectoryLock.take(folder), {
    code: "directory_locked",
    message: new RegExp(`process ${process.pid}\\. Stop that process`),
  });
  await lock.release();
  const next = await DirectoryLock.take(folder);
  await next.release();
  assert.deepEqual(readdirSync(folder).sort(), ["format.json", "lock.2"]);
});

test("the lock of a process that was killed is taken over", async () => {
  const folder = freshFolder();
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const pid = child.pid ?? 0;
  const started = (await systemProcesses.self()).started;
  const identity = { pid, ...(started === undefined ? {} : { started: startOf(pid) }) };
  writeFileSync(`${folder}/lock.4`, JSON.stringify(identity));
  await assert.rejects(DirectoryLock.take(folder), { code: "directory_locked" });
  child.kill("SIGKILL");
  await once(child, "exit");
  const lock = await DirectoryLock.take(folder);
  assert.deepEqual(readdirSync(folder).sort(), ["format.json", "lock.5"]);
  await lock.release();
});

const startOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ")[19] ?? "";

test("a pid that the system gave out again is not mistaken for the owner", async (t) => {
  const self = await systemProcesses.self();
  if (self.started === undefined) return t.skip("no /proc here");
  for (const stale of [
    { ...self, started: `${Number(self.started) + 1}` },
    { ...self, boot: "another boot" },
  ]) {
    const folder = freshFolder();
    writeFileSync(`${folder}/lock.1`, JSON.stringify(stale));
    await (await DirectoryLock.take(folder)).release();
  }
});

/** Processes that are alive or not as told; `pid` is who asks. */
const processesOf = (pid: number, dead: ReadonlySet<number>): Processes => ({
  self: async () => ({ pid }),
  isAlive: async (identity) => !dead.has(identity.pid),
});

/** Lets others run for a while before each operation, now and then a long one. */
const slowed = (files: FileLayer, random: ReturnType<typeof seededRandom>): FileLayer =>
  interceptedFiles(files, async (_operation, _path, apply) => {
    const longest = below(random, 12) === 0 ? 400 : 8;
    for (let turns = below(random, longest); turns > 0; turns--) await null;
    return apply();
  });

test("of many who race for free, dead and released locks, never two hold one (seeds 1 to 150)", async () => {
  let taken = 0;
  for (let seed = 1; seed <= 150; seed++) {
    const random = seededRandom(seed);
    const files = new CrashFiles();
    await files.mkdir("/data");
    const dead = new Set<number>();
    const holding = new Set<number>();
    const contend = async (first: number) => {
      for (let pid = first; pid < first + 3; pid++) {
        try {
          const options = { files: slowed(files, random), processes: processesOf(pid, dead) };
          const lock = await DirectoryLock.take("/data", options);
          assert.equal(holding.size, 0, `seed ${seed}: ${pid} beside ${[...holding]}`);
          holding.add(pid);
          taken++;
          for (let turns = below(random, 60); turns > 0; turns--) await null;
          holding.delete(pid);
          if (below(random, 2) === 0) dead.add(pid);
          else await lock.release();
        } catch (error) {
          if (!(error instanceof TandemError && error.code === "directory_locked")) throw error;
        }
      }
    };
    await Promise.all([10, 20, 30, 40, 50, 60].map(contend));
    assert.ok(taken > 0);
  }
  assert.ok(taken > 300, `${taken} times taken: the trial proves nothing`);
});

test("another format is refused with the way forward, and the lock is given back", async () => {
  const folder = freshFolder();
  for (const [content, message] of [
    ['{"format":2}', /has format 2; this version reads 1\. Use the version that wrote it/],
    ["no JSON", /names no format that this version reads \(1\)/],
  ] as const) {
    writeFileSync(`${folder}/format.json`, content);
    await assert.rejects(DirectoryLock.take(folder), { code: "format_version", message });
  }
  writeFileSync(`${folder}/format.json`, '{"format":1}');
  await (await DirectoryLock.take(folder)).release();
});

test("a directory that cannot be written is called unsafe", async () => {
  const readOnly = interceptedFiles(new CrashFiles(), async (operation, path, apply) => {
    if (operation === "open") throw Object.assign(new Error(`EROFS: ${path}`), { code: "EROFS" });
    return apply();
  });
  await assert.rejects(DirectoryLock.take("/data", { files: readOnly }), {
    code: "directory_unsafe",
    message: /EROFS/,
  });
  const folder = freshFolder();
  mkdirSync(`${folder}/x`);
  writeFileSync(`${folder}/x/file`, "");
  await assert.rejects(DirectoryLock.take(`${folder}/x/file`), { code: "directory_unsafe" });
});

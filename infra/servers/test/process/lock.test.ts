import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { identify } from "../../src/process/identity.ts";
import { locked } from "../../src/process/lock.ts";
import { dummy, quiet, tempFolder } from "../temp-folder.ts";

test("work under one lock takes turns, and its failure frees the lock", async (t) => {
  const folder = tempFolder(t);
  let inside = 0;
  let most = 0;
  const work = async (i: number): Promise<number> => {
    most = Math.max(most, ++inside);
    for (let n = 0; n < 5; n++) await turn();
    inside--;
    if (i === 1) throw new RangeError("one fails");
    return i;
  };
  const results = await Promise.allSettled(
    [0, 1, 2, 3].map((i) => locked(folder, "set", quiet(), () => work(i))),
  );
  assert.equal(most, 1);
  assert.deepEqual(
    results.map((r) => r.status),
    ["fulfilled", "rejected", "fulfilled", "fulfilled"],
  );
  assert.equal(readdirSync(folder).length, 1, readdirSync(folder).join());
});

test("a lock whose holder is dead, or that cannot be read, is taken over", async (t) => {
  const folder = tempFolder(t);
  const gone = await dummy(t, "echo up");
  const born = identify(process.pid)?.born ?? "";
  await gone.ended;
  writeFileSync(join(folder, "set.lock.7"), JSON.stringify({ pid: gone.pid, born }));
  assert.equal(await locked(folder, "set", quiet(), async () => 1), 1);
  writeFileSync(join(folder, "set.lock.8"), "{");
  assert.equal(await locked(folder, "set", quiet(), async () => 2), 2);
  assert.deepEqual(readdirSync(folder), ["set.lock.9"]);
});

test("who waits for a living holder can give up", async (t) => {
  const folder = tempFolder(t);
  const holder = await dummy(t, "echo up; exec sleep 60");
  writeFileSync(join(folder, "set.lock.1"), JSON.stringify(identify(holder.pid)));
  const stop = new AbortController();
  const waiting = locked(folder, "set", quiet(stop.signal), async () => assert.fail("it is held"));
  stop.abort();
  await assert.rejects(waiting, { name: "AbortError" });
  assert.deepEqual(readdirSync(folder), ["set.lock.1"]);
});

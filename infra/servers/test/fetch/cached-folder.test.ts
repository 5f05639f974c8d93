import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ServersFailure } from "../../src/failure.ts";
import { cachedFolder } from "../../src/fetch/cached-folder.ts";
import { quiet, tempFolder } from "../temp-folder.ts";

function cacheOf(t: TestContext, fetchInto: (folder: string) => Promise<void>) {
  const cache = join(tempFolder(t), "cache");
  const wanted = (pin: string) => cachedFolder({ cache, name: "thing", pin, lock: "x", fetchInto });
  return { cache, wanted };
}

test("two at once fetch once; another pin is another folder", async (t) => {
  let fetches = 0;
  const { wanted } = cacheOf(t, async (folder) => {
    fetches++;
    writeFileSync(join(folder, "file"), "whole");
  });
  await Promise.all([wanted("1").fetch(quiet()), wanted("1").fetch(quiet())]);
  await wanted("1").fetch(quiet());
  assert.equal(fetches, 1);
  assert.equal(readFileSync(join(wanted("1").folder, "file"), "utf8"), "whole");
  assert.notEqual(wanted("1").folder, wanted("2").folder);
});

test("half a fetch is never taken for a whole one, and the next begins anew", async (t) => {
  let fails = true;
  const { cache, wanted } = cacheOf(t, async (folder) => {
    assert.deepEqual(readdirSync(folder), []);
    writeFileSync(join(folder, "file"), "part");
    if (fails) throw new ServersFailure("mvn is not on PATH");
  });
  await assert.rejects(
    wanted("1").fetch(quiet()),
    /^ServersFailure: thing could not be fetched: mvn/,
  );
  assert.ok(!existsSync(wanted("1").folder));
  assert.deepEqual(
    readdirSync(cache).filter((name) => !name.includes("lock")),
    [],
  );
  fails = false;
  await wanted("1").fetch(quiet());
  assert.ok(existsSync(wanted("1").folder));
});

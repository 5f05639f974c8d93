// A start with what an earlier process left in the spool: never past events of another dataset, and without the
// log only where the spool knows the dataset.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { FileEventLog, systemClock } from "@tandem/adapters/embedded";
import { MemoryEventLog } from "@tandem/adapters/memory";
import { type FoundSpool, refuseOtherDatasets, SpooledLog, withoutLog } from "@tandem/ingest";
import { TandemError } from "@tandem/shared-logic";
import { down, recordOf } from "./unsteady-log.ts";

const clock = systemClock();
const dead = { append: async () => Promise.reject(down) };

async function found(t: TestContext): Promise<FoundSpool & { readonly log: FileEventLog }> {
  const dir = await mkdtemp(join(tmpdir(), "tandem-spool-"));
  const log = await FileEventLog.open(dir);
  t.after(async () => {
    await log.close();
    await rm(dir, { recursive: true });
  });
  return { log, dir };
}

test("events of another dataset refuse the start until they are delivered", async (t) => {
  const spool = await found(t);
  const options = { spool: spool.log, dataset: "old", partitions: 1, clock };
  const first = await SpooledLog.open({ ...options, primary: dead });
  await refuseOtherDatasets(spool, "new");
  assert.deepEqual(await first.append("old", [recordOf(0, "a")]), [{ ok: true, spooled: true }]);
  await first.close();
  await refuseOtherDatasets(spool, "old");
  await assert.rejects(refuseOtherDatasets(spool, "new"), {
    code: "configuration",
    message: /spool\.dir.* events of dataset old wait/,
  });
  const primary = new MemoryEventLog();
  await primary.create("old", 1);
  await (await SpooledLog.open({ ...options, primary })).close();
  await refuseOtherDatasets(spool, "new");
});

test("only a spool that knows the dataset stands in for the log", async (t) => {
  const spool = await found(t);
  await spool.log.create("events", 1);
  const check = async (): Promise<string> => Promise.reject(down);
  const known = async (away: TandemError): Promise<string> => away.message;
  assert.equal(await withoutLog(spool, "events", check, known), "down");
  assert.equal(await withoutLog(spool, "events", async () => "there", known), "there");
  await assert.rejects(withoutLog(spool, "others", check, known), down);
  await assert.rejects(withoutLog(undefined, "events", check, known), down);
  const wrong = async (): Promise<string> => Promise.reject(new TandemError("configuration"));
  await assert.rejects(withoutLog(spool, "events", wrong, known), { code: "configuration" });
});

// Dead letters of other processes, read and never changed: all folders, one tenant's, as they grow and go.
import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { epochMs, type Reason } from "@tandem/shared-logic";
import { fileDeadLetters } from "../../src/embedded/file-dead-letters.ts";
import { dataFolders, writtenDeadLetters } from "../../src/stack/index.ts";

const dataDir = mkdtempSync(join(tmpdir(), "tandem-written-"));
after(() => rmSync(dataDir, { recursive: true, force: true }));

test("of every collector and bridge, one tenant's, within the retention", async () => {
  let now = epochMs(1_570_000_000_000);
  const clock = { now: () => now, sleep: async () => {} };
  const read = writtenDeadLetters(dataDir, clock);
  const reasons = async (tenant = "acme", limit = 100) =>
    (await read.list({ tenant, limit }))?.map((l) => l.reason).sort();
  assert.equal(await reasons(), undefined);
  const folders = ["collector-8080", "collector-8081", "bridge-9400"].map(
    (name) => dataFolders(join(dataDir, name)).deadLetters,
  );
  const kept = await Promise.all(folders.map((folder) => fileDeadLetters(folder, clock)));
  assert.deepEqual(await reasons(), []);
  const add = (at: number, tenant: string, reason: Reason) =>
    kept[at]?.add([{ tenant, receivedMs: now, reason, problems: [], bytes: Buffer.from("{}") }]);
  await add(0, "acme", "not_json");
  await add(1, "acme", "too_large");
  await add(2, "other", "not_json");
  assert.deepEqual(await reasons(), ["not_json", "too_large"]);
  assert.deepEqual(await reasons("other"), ["not_json"]);
  await add(2, "acme", "not_json");
  assert.deepEqual(await reasons(), ["not_json", "not_json", "too_large"]);
  assert.equal((await reasons("acme", 2))?.length, 2);
  // A line that is being written.
  const [segment = ""] = readdirSync(folders[0] ?? "");
  appendFileSync(join(folders[0] ?? "", segment), '{"tenant":"acme"');
  assert.equal((await reasons())?.length, 3);
  for (const store of kept) await store.close();
  rmSync(folders[1] ?? "", { recursive: true });
  assert.deepEqual(await reasons(), ["not_json", "not_json"]);
  now = epochMs(now + 15 * 86_400_000);
  assert.deepEqual(await reasons(), []);
});

import assert from "node:assert/strict";
import { appendFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileDeadLetters } from "@tandem/adapters/embedded";
import { HandClock } from "@tandem/adapters/memory";
import { DEAD_LETTER_LIMITS, epochMs, type RejectedEvent } from "@tandem/shared-logic";
import { deadLettersSuite } from "@tandem/shared-logic/testing";

const folders: string[] = [];
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "dead-letters-"));
  folders.push(path);
  return path;
}
after(() => Promise.all(folders.map((path) => rm(path, { recursive: true }))));

deadLettersSuite({
  test,
  open: async (limits, clock) => {
    const path = await folder();
    const store = await fileDeadLetters(path, clock, limits);
    const reopen = async () => {
      await store.close();
      return fileDeadLetters(path, clock, limits);
    };
    return { store, reopen };
  },
});

const NOW = epochMs(1_570_000_000_000);
const clock = new HandClock(NOW);
const event = (text: string): RejectedEvent => ({
  tenant: "acme",
  receivedMs: NOW,
  reason: "not_json",
  problems: [],
  bytes: Buffer.from(text),
});

test("6: a line torn by a crash is passed over, everything before it and after stays", async () => {
  const path = await folder();
  const store = await fileDeadLetters(path, clock);
  await store.add([event("one"), event("two")]);
  await store.close();
  const [segment = ""] = await readdir(path);
  await appendFile(join(path, segment), '{"tenant":"acme","receivedMs":15700000');
  const again = await fileDeadLetters(path, clock);
  await again.add([event("three")]);
  const listed = await again.list({ limit: 10 });
  assert.deepEqual(
    listed.map((e) => Buffer.from(e.bytes).toString()),
    ["one", "two", "three"],
  );
  assert.equal(new Set(listed.map((e) => e.id)).size, 3);
  await again.close();
});

test("7: a folder that cannot be written is store_unavailable", async () => {
  const path = await folder();
  const store = await fileDeadLetters(join(path, "inside"), clock, DEAD_LETTER_LIMITS);
  await rm(path, { recursive: true });
  folders.splice(folders.indexOf(path), 1);
  await assert.rejects(store.add([event("one")]), { code: "store_unavailable", retryable: true });
  await store.close();
});

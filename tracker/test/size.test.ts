// The tracker as a page has it (without the storages of other places) is under 4 kB, and imports nothing.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { createTracker } from "../src/index.ts";
import { smallest } from "./smallest.ts";

const src = join(import.meta.dirname, "../src");
const text = smallest(src, ["other-storages.ts"], "createTracker");

test("it is under 4 kB, minified and gzipped", (t) => {
  const sizeBytes = gzipSync(text, { level: 9 }).length;
  t.diagnostic(`${sizeBytes} bytes, ${text.length} before gzip`);
  assert.ok(sizeBytes < 4000, `${sizeBytes} bytes`);
});

test("what was measured still sends events", async () => {
  const make = new Function(`${text};return createTracker`)() as typeof createTracker;
  const bodies: unknown[] = [];
  const tracker = make({
    url: "http://127.0.0.1/events",
    key: "k",
    fetch: async (_, init) => {
      bodies.push(init?.body);
      return Response.json({ accepted: 1, retry: 0, rejected: 0, results: [] }, { status: 202 });
    },
  });
  const id = tracker.track("view", { path: "/" });
  assert.equal(await tracker.flush(), 0);
  const { event_id, event_type, properties } = JSON.parse(String(bodies[0]));
  assert.deepEqual([event_id, event_type, properties], [id, "view", { path: "/" }]);
  assert.deepEqual([bodies.length, tracker.stats().accepted], [1, 1]);
  await tracker.close();
});

test("nothing is imported from outside", () => {
  const files = globSync("*.ts", { cwd: src });
  assert.ok(files.length >= 7);
  for (const file of files)
    for (const [, from] of readFileSync(join(src, file), "utf8").matchAll(/from "([^"]+)"/g))
      assert.match(from ?? "", /^\.\/[\w-]+\.ts$/, file);
});

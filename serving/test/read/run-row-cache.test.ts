// Rows of runs kept between queries: as they were read, for a minute, within the bytes that are set.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EpochMs, RunQuery, RunRow } from "@tandem/shared-logic";
import { RunRowCache } from "../../src/read/run-row-cache.ts";

const query = (run: string): RunQuery => ({
  run,
  tenant: "t",
  set: 0,
  grain: "hour",
  from: 0 as EpochMs,
  until: 10 as EpochMs,
});

function world(capacityBytes: number) {
  let now = 1_000_000;
  const reads: string[] = [];
  const row = (group: string, byte: number): RunRow => {
    const page = new Uint8Array(1000).fill(byte);
    const state = page.subarray(10, 13);
    return {
      tenant: "t",
      set: 0,
      group,
      grain: "hour",
      startMs: 0 as EpochMs,
      events: 1,
      skipped: 0,
      state,
    };
  };
  const views = {
    readRun: async ({ run }: RunQuery) => {
      reads.push(run);
      return [row("a", 1), row("b", 2)];
    },
  };
  const cache = new RunRowCache(views, { now: () => now as EpochMs }, capacityBytes);
  return { cache, reads, pass: (ms: number) => (now += ms) };
}

test("rows are read once, and again after a minute", async () => {
  const { cache, reads, pass } = world(1 << 20);
  const first = await cache.read(query("r1"));
  assert.deepEqual(
    first.map((r) => [r.group, [...r.state], r.state.buffer.byteLength]),
    [
      ["a", [1, 1, 1], 6],
      ["b", [2, 2, 2], 6],
    ],
  );
  assert.equal(await cache.read(query("r1")), first);
  await cache.read({ ...query("r1"), groups: ["a"] });
  assert.deepEqual(reads, ["r1", "r1"]);
  pass(60_000);
  await cache.read(query("r1"));
  assert.equal(reads.length, 3);
});

test("what was not asked for the longest time goes when the bytes are used up; 0 keeps nothing", async () => {
  const { cache, reads } = world(1_100);
  for (const run of ["r1", "r2", "r1", "r3", "r1", "r2"]) await cache.read(query(run));
  assert.deepEqual(reads, ["r1", "r2", "r3", "r2"]);
  const none = world(0);
  for (const run of ["r1", "r1"]) await none.cache.read(query(run));
  assert.deepEqual(none.reads, ["r1", "r1"]);
});

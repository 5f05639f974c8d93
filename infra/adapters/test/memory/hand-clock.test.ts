// Virtual time: it moves by hand only, and wakes sleepers in order.
import assert from "node:assert/strict";
import { test } from "node:test";
import { epochMs } from "@tandem/shared-logic";
import { HandClock } from "../../src/memory/hand-clock.ts";

test("sleepers wake in the order they are due, at that time, equal ones as they came", async () => {
  const clock = new HandClock(epochMs(1000));
  const woken: string[] = [];
  const sleeper = async (name: string, ms: number) => {
    await clock.sleep(ms);
    woken.push(`${name} at ${clock.now()}`);
  };
  const all = [sleeper("c", 30), sleeper("a", 10), sleeper("b", 30), sleeper("late", 500)];
  await clock.advance(9);
  assert.deepEqual(woken, []);
  assert.equal(clock.nextDue, 1010);
  await clock.advance(100);
  assert.deepEqual(woken, ["a at 1010", "c at 1030", "b at 1030"]);
  assert.equal(clock.now(), 1109);
  await clock.advance(1000);
  await Promise.all(all);
  assert.equal(clock.nextDue, undefined);
});

test("who sleeps again within the same advance is woken again", async () => {
  const clock = new HandClock(epochMs(0));
  const beats: number[] = [];
  const stop = new AbortController();
  const loop = (async () => {
    for (;;) {
      await clock.sleep(10, stop.signal);
      beats.push(clock.now());
    }
  })();
  await clock.advance(45);
  assert.deepEqual(beats, [10, 20, 30, 40]);
  stop.abort();
  await assert.rejects(loop, { code: "cancelled" });
  assert.equal(clock.nextDue, undefined, "an aborted sleep leaves nothing");
  await assert.rejects(clock.advance(-1), RangeError);
});

// How many calls a round waits for, and what it is told of who calls.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { awaitedCalls, CallPace, callersNow } from "../../../src/embedded/log/round-size.ts";

test("as many calls as a commit leaves the time for are left to the next round", () => {
  assert.equal(awaitedCalls(32, 0.25, 0.025), 22);
  assert.equal(awaitedCalls(32, 0.255, 0.025), 22);
  assert.equal(awaitedCalls(32, 0.01, 0.025), 28, "an eighth at least");
  assert.equal(awaitedCalls(32, 0.4, 0.025), 16);
  assert.equal(awaitedCalls(32, 0.401, 0.025), 28, "a slower disk is shared by most");
});

test("a round waits for half to seven eighths of those who are there", () => {
  const ms = fc.double({ min: 1e-3, max: 10, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 500 }), ms, ms, (callers, commitMs, callMs) => {
      const calls = awaitedCalls(callers, commitMs, callMs);
      assert.ok(calls >= Math.ceil(callers / 2) && calls <= Math.floor((callers * 7) / 8));
    }),
  );
});

test("the pace is the time between most calls, whatever the pauses are", () => {
  const pace = new CallPace();
  let nowMs = 5;
  for (let i = 0; i < 1000; i++) {
    nowMs += i % 5 === 0 ? 3 : i % 5 === 1 ? 0.001 : 0.04;
    pace.note(nowMs);
  }
  assert.ok(pace.callMs > 0.035 && pace.callMs < 0.045, `${pace.callMs}`);
});

test("calls far apart, and calls at once, leave a pace that later ones change soon", () => {
  const pace = new CallPace();
  const wait = (ms: number, calls: number): void => {
    for (let i = 1; i <= calls; i++) pace.note(1e9 + i * ms);
  };
  wait(60_000, 5000);
  assert.equal(pace.callMs, 4);
  wait(0.04, 200);
  assert.ok(pace.callMs < 0.045);
  wait(0, 5000);
  wait(0.04, 200);
  assert.ok(pace.callMs > 0.035);
});

test("more callers are known at once, fewer by and by", () => {
  assert.equal(callersNow(10, 32), 32);
  assert.equal(callersNow(32, 24), 31);
  let callers = 32;
  for (let rounds = 0; rounds < 32; rounds++) callers = callersNow(callers, 8);
  assert.equal(callers, 8);
});

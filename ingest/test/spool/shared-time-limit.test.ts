// Every wait ends after its time or with its work, whichever is first, and nobody sleeps where nobody waits.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, epochMs, plusMs } from "@tandem/shared-logic";
import { SharedTimeLimit } from "../../src/spool/shared-time-limit.ts";

const turns = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await new Promise(setImmediate);
};

/** Virtual time with as many sleepers as there are. */
function handClock() {
  let now = epochMs(0);
  const sleepers: { due: number; wake: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((wake, reject) => {
        sleepers.push({ due: now + ms, wake });
        signal?.addEventListener("abort", () => reject(new Error("cancelled")), { once: true });
      }),
  };
  const advance = async (ms: number): Promise<void> => {
    for (let i = 0; i < ms; i++) {
      now = plusMs(now, 1);
      for (const due of sleepers.filter((s) => s.due <= now)) {
        sleepers.splice(sleepers.indexOf(due), 1);
        due.wake();
      }
      await turns();
    }
  };
  return { clock, advance, sleepers };
}

test("late after the limit, each from its own beginning, with one sleeper", async () => {
  const { clock, advance, sleepers } = handClock();
  const limit = new SharedTimeLimit(clock, 10, new AbortController().signal);
  const ended: string[] = [];
  const wait = (name: string, work: Promise<string>): void => {
    limit.within(work).then(
      (w) => ended.push(`${clock.now()} ${name} ${w.late ? "late" : w.value}`),
      (error: Error) => ended.push(`${clock.now()} ${name} ${error.message}`),
    );
  };
  const never = new Promise<never>(() => undefined);
  const slow = Promise.withResolvers<string>();
  wait("a", never);
  wait("b", Promise.resolve("done"));
  wait("c", Promise.reject(new Error("failed")));
  await turns();
  await advance(4);
  wait("d", slow.promise);
  wait("e", never);
  assert.equal(sleepers.length, 1);
  await advance(5);
  slow.resolve("done");
  await turns();
  await advance(20);
  assert.deepEqual(ended, ["0 b done", "0 c failed", "9 d done", "10 a late", "14 e late"]);
  assert.equal(sleepers.length, 0);
  wait("f", never);
  await advance(10);
  assert.equal(ended.at(-1), "39 f late");
});

test("whoever waits at the end is late, and so is who comes after it", async () => {
  const { clock } = handClock();
  const stop = new AbortController();
  const limit = new SharedTimeLimit(clock, 10, stop.signal);
  const waits = [1, 2].map(() => limit.within(new Promise<never>(() => undefined)));
  stop.abort();
  assert.deepEqual(await Promise.all(waits), [{ late: true }, { late: true }]);
  const done = await limit.within(Promise.resolve(1));
  assert.deepEqual(done, { late: false, value: 1 });
});

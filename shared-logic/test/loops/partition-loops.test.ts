// Loops by partition: what runs again, what ends for good, and that a partition never has two at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type KeepRunning, PartitionLoops, StopSwitch, TandemError } from "@tandem/shared-logic";

const told: string[] = [];
const options: Omit<KeepRunning, "signal"> = {
  clock: { sleep: () => Promise.resolve() },
  onError: (_, where) => void told.push(`error ${where}`),
  onFatal: (_, where) => void told.push(`fatal ${where}`),
};
const until = (signal: StopSwitch): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", resolve);
  });

test("a failure that may pass is tried again, another one ends the loop and is told once", async () => {
  told.length = 0;
  const tries = [0, 0];
  const loops = new PartitionLoops("speed", options, async (partition, signal) => {
    tries[partition] = (tries[partition] ?? 0) + 1;
    if (partition === 1) throw new TandemError("checkpoint_refused");
    if ((tries[0] ?? 0) < 3) throw new TandemError("store_unavailable");
    await until(signal);
  });
  loops.assign(0);
  loops.assign(1);
  loops.assign(0);
  assert.deepEqual(loops.partitions, [0, 1]);
  while ((tries[0] ?? 0) < 3 || !told.includes("fatal speed/1")) await Promise.resolve();
  await loops.close();
  assert.deepEqual(tries, [3, 1]);
  assert.deepEqual(told.toSorted(), ["error speed/0", "error speed/0", "fatal speed/1"]);
});

test("a partition that comes back waits for its old loop's end", async () => {
  let running = 0;
  let most = 0;
  let begun = 0;
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const loops = new PartitionLoops("speed", options, async (_, signal) => {
    const gate = gates[begun++]?.promise;
    most = Math.max(most, ++running);
    await until(signal);
    await gate;
    running--;
  });
  loops.assign(0);
  while (begun < 1) await Promise.resolve();
  const gone = loops.revoke(0);
  loops.assign(0);
  assert.deepEqual(loops.partitions, [0]);
  gates[0]?.resolve();
  await gone;
  while (begun < 2) await Promise.resolve();
  gates[1]?.resolve();
  await loops.close();
  assert.deepEqual([most, running, begun], [1, 0, 2]);
  loops.assign(0);
  assert.deepEqual(loops.partitions, []);
});

test("a stop switch tells its listeners once, and late ones find it aborted", () => {
  const stop = new StopSwitch();
  let calls = 0;
  const listener = (): void => void calls++;
  const removed = (): void => assert.fail("was removed");
  stop.addEventListener("abort", listener);
  stop.addEventListener("abort", removed);
  stop.removeEventListener("abort", removed);
  stop.stop();
  stop.stop();
  assert.deepEqual([calls, stop.aborted], [1, true]);
});

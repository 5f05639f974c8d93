// The job queue in memory against the port's contract; planted bugs that the suite must catch; and what
// every local queue refuses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { epochMs, type Job, type JobRequest } from "@tandem/shared-logic";
import { jobQueueSuite, type OpenJobQueue } from "@tandem/shared-logic/testing";
import { HandClock } from "../../src/memory/hand-clock.ts";
import { MemoryJobQueue, MemoryJobTable } from "../../src/memory/memory-job-queue.ts";
import { caughtBy } from "../caught-by.ts";
import { mortalClock } from "../mortal-clock.ts";

const START = epochMs(1_570_000_000_500);

function opened(Queue: typeof MemoryJobQueue): OpenJobQueue {
  const time = new HandClock(START);
  const { clock, kill } = mortalClock(time);
  const table = new MemoryJobTable();
  return {
    queue: new Queue({ clock, table }),
    clock: time,
    pass: (ms) => time.advance(ms),
    unitMs: 1_000,
    async die() {
      kill();
      return new Queue({ clock: time, table });
    },
  };
}

jobQueueSuite({ test, open: async () => opened(MemoryJobQueue) });

class OneMoreAtOnce extends MemoryJobQueue {
  override process(queue: string, concurrency: number, handler: (job: Job) => Promise<void>) {
    return super.process(queue, concurrency + 1, handler);
  }
}
class StopDoesNotWait extends MemoryJobQueue {
  override async process(queue: string, n: number, handler: (job: Job) => Promise<void>) {
    const stop = await super.process(queue, n, handler);
    return async () => void stop();
  }
}
class ChildrenForgotten extends MemoryJobQueue {
  override add({ children: _, ...job }: JobRequest) {
    return super.add(job);
  }
}
class NoDelay extends MemoryJobQueue {
  override add(job: JobRequest) {
    return super.add({ ...job, delayMs: 0 });
  }
}
class BackoffHalved extends MemoryJobQueue {
  override add(job: JobRequest) {
    return super.add({ ...job, backoffMs: (job.backoffMs ?? 1_000) / 2 });
  }
}
class OneTryTooMany extends MemoryJobQueue {
  override add(job: JobRequest) {
    return super.add({ ...job, attempts: (job.attempts ?? 3) + 1 });
  }
}
class PeriodsNotAligned extends MemoryJobQueue {
  override schedule(name: string, everyMs: number, job: JobRequest) {
    return super.schedule(name, everyMs, { ...job, delayMs: everyMs / 2 });
  }
}

const MUTANTS = [
  OneMoreAtOnce,
  StopDoesNotWait,
  ChildrenForgotten,
  NoDelay,
  BackoffHalved,
  OneTryTooMany,
  PeriodsNotAligned,
];
for (const Mutant of MUTANTS) {
  test(`the suite catches: ${Mutant.name}`, async (t) => {
    const caught = await caughtBy((collect) =>
      jobQueueSuite({ test: collect, open: async () => opened(Mutant) }),
    );
    assert.notEqual(caught, undefined, "no case of the suite failed");
    t.diagnostic(`by ${caught}`);
  });
}

test("a job that kills its process every time fails in the end, and its parent with it", async () => {
  const time = new HandClock(START);
  const table = new MemoryJobTable();
  const bad = { queue: "q", key: "bad", data: null, attempts: 3 };
  let tries = 0;
  for (let life = 0; life < 5; life++) {
    const { clock, kill } = mortalClock(time);
    const queue = new MemoryJobQueue({ clock, table });
    if (life === 0) await queue.add({ queue: "p", key: "parent", data: null, children: [bad] });
    await queue.process("q", 1, () => {
      tries++;
      return new Promise(() => {});
    });
    await time.advance(1_000);
    kill();
  }
  const queue = new MemoryJobQueue({ clock: time, table });
  assert.equal(tries, 3);
  assert.equal(await queue.state("q", "bad"), "failed");
  assert.equal(await queue.state("p", "parent"), "failed");
  await queue.close();
});

test("what cannot be is refused: a job below itself, two processors of a queue, an odd period", async () => {
  const told: string[] = [];
  const clock = new HandClock(START);
  const queue = new MemoryJobQueue({ clock, onThrow: (job, e) => told.push(`${job.key} ${e}`) });
  const child = { queue: "q", key: "k", data: null };
  await assert.rejects(queue.add({ ...child, children: [child] }), RangeError);
  await assert.rejects(queue.schedule("s", 0, child), RangeError);
  const fails = async () => {
    throw new Error("no");
  };
  await queue.process("q", 1, fails);
  await assert.rejects(queue.process("q", 1, fails), RangeError);
  await queue.add({ ...child, attempts: 1 });
  await clock.advance(10);
  assert.deepEqual(told, ["k Error: no"]);
  await queue.close();
});

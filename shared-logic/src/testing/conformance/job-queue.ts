// Conformance suite of the JobQueue port: anyone's adapter can be put through it. The numbers in the
// test names are those of the contract lines in ports/job-queue.ts.
import type { Job } from "../../ports/job-queue.ts";
import { expectEqual, expectTrue } from "../expect.ts";
import { type AddJobCase, type JobQueueSuite, recorder, until } from "./job-queue-case.ts";
import { flowCases } from "./job-queue-flows.ts";
import { scheduleCases } from "./job-queue-schedules.ts";

export type { JobQueueSuite, OpenJobQueue } from "./job-queue-case.ts";

export function jobQueueSuite({ test, open }: JobQueueSuite): void {
  const add: AddJobCase = (name, body) => {
    test(`job queue ${name}`, async () => {
      const { die, ...opened } = await open();
      let died = false;
      const dying = async () => {
        died = true;
        return (die as NonNullable<typeof die>)();
      };
      await body(die === undefined ? opened : { ...opened, die: dying });
      // Not after a failure: handlers that the case holds back would never end.
      if (!died) await opened.queue.close();
    });
  };
  keyCases(add);
  tryCases(add);
  flowCases(add);
  scheduleCases(add);
  processCases(add);
}

const plan = { queue: "plan", key: "k", data: null };

function keyCases(add: AddJobCase): void {
  add("1: a key that is waiting, delayed or running is known", async (opened) => {
    const { queue, clock, unitMs } = opened;
    expectEqual(await queue.state("plan", "k"), undefined);
    expectEqual(await queue.add({ ...plan, data: { n: [1, null, "x"] } }), "added");
    expectEqual(await queue.state("plan", "k"), "waiting");
    expectEqual(await queue.add({ ...plan, data: "second" }), "known");
    expectEqual(await queue.add({ ...plan, queue: "other" }), "added", "keys are a queue's own");
    expectEqual(await queue.add({ ...plan, key: "late", delayMs: 4 * unitMs }), "added");
    expectEqual(await queue.state("plan", "late"), "delayed");
    expectEqual(await queue.add({ ...plan, key: "late" }), "known");
    const begunMs = clock.now();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { tried, handler } = recorder(clock);
    await queue.process("plan", 2, async (job) => {
      await handler(job);
      if (job.key === "k") await held;
    });
    await until(opened, () => tried.length === 1, "the first job begins");
    expectEqual(await queue.state("plan", "k"), "running");
    expectEqual(await queue.add(plan), "known");
    release();
    await until(opened, () => tried.length === 2, "the delayed job runs");
    expectEqual(
      tried.map((t) => [t.key, t.attempt, t.data]),
      [
        ["k", 1, { n: [1, null, "x"] }],
        ["late", 1, null],
      ],
    );
    expectTrue((tried[1]?.atMs ?? 0) - begunMs >= 3 * unitMs, "the delayed job ran too early");
    expectEqual(await queue.state("other", "k"), "waiting", "nobody processes it");
  });

  add("6: a finished key may be added again", async (opened) => {
    const { queue, clock } = opened;
    const { tried, handler } = recorder(clock, ({ data }) => data === "bad");
    await queue.process("plan", 1, handler);
    for (const data of ["good", "bad", "good"]) {
      expectEqual(await queue.add({ ...plan, data, attempts: 1 }), "added");
      const end = data === "bad" ? "failed" : "done";
      await until(opened, async () => (await queue.state("plan", "k")) === end, end);
    }
    expectEqual(
      tried.map((t) => [t.data, t.attempt]),
      [
        ["good", 1],
        ["bad", 1],
        ["good", 1],
      ],
    );
  });
}

function tryCases(add: AddJobCase): void {
  add("2: a throw is tried again after a doubled backoff, then the job failed", async (opened) => {
    const { queue, clock, unitMs } = opened;
    const { tried, handler } = recorder(clock, () => true);
    await queue.process("plan", 1, handler);
    await queue.add({ ...plan, attempts: 4, backoffMs: 2 * unitMs });
    await until(opened, () => tried.length === 1, "the first try");
    await until(opened, async () => (await queue.state("plan", "k")) === "delayed", "backing off");
    await until(opened, async () => (await queue.state("plan", "k")) === "failed", "it fails");
    expectEqual(
      tried.map((t) => t.attempt),
      [1, 2, 3, 4],
    );
    const gaps = tried.slice(1).map((t, i) => t.atMs - (tried[i]?.atMs ?? 0));
    gaps.forEach((gapMs, i) => {
      const leastMs = 2 * unitMs * 2 ** i;
      expectTrue(gapMs >= leastMs, `gap ${i} of ${gapMs} ms is below ${leastMs} ms`);
      expectTrue(gapMs < 2 * leastMs, `gap ${i} of ${gapMs} ms is nearly doubled too often`);
    });
  });

  add("2: three tries unless told otherwise; success ends them", async (opened) => {
    const { queue, clock, unitMs } = opened;
    const { tried, handler } = recorder(clock, (job) => job.key === "bad" || job.attempt < 2);
    await queue.process("plan", 4, handler);
    await queue.add({ ...plan, key: "bad", backoffMs: unitMs });
    await queue.add({ ...plan, key: "good", backoffMs: unitMs });
    await until(opened, async () => (await queue.state("plan", "bad")) === "failed", "bad fails");
    await until(opened, async () => (await queue.state("plan", "good")) === "done", "good is done");
    const attempts = (key: string) => tried.filter((t) => t.key === key).map((t) => t.attempt);
    expectEqual(
      [attempts("bad"), attempts("good")],
      [
        [1, 2, 3],
        [1, 2],
      ],
    );
  });

  add("2: what was running when the process died runs again", async (opened) => {
    const { queue, clock, die, unitMs } = opened;
    if (die === undefined) return;
    const before = recorder(clock);
    const never = new Promise<void>(() => {});
    await queue.process("plan", 2, (job) => before.handler(job).then(() => never));
    await queue.add({ ...plan, key: "a", data: { day: 7 } });
    await queue.add({ ...plan, key: "once", attempts: 1 });
    await queue.add({ ...plan, key: "waiting", delayMs: 2 * unitMs });
    await until(opened, () => before.tried.length === 2, "two begin");
    const again = await die();
    const { tried, handler } = recorder(clock);
    await again.process("plan", 1, handler);
    await until(opened, () => tried.length === 3, "all three run");
    tried.sort((t, u) => (t.key < u.key ? -1 : 1)); // in which order is not said
    expectEqual(
      tried.map((t) => [t.key, t.attempt, t.data]),
      [
        ["a", 2, { day: 7 }],
        ["once", 2, null],
        ["waiting", 1, null],
      ],
    );
    await again.close();
  });
}

function processCases(add: AddJobCase): void {
  add("5: no more handlers at once than said, and stop waits for them", async (opened) => {
    const { queue, pass, unitMs } = opened;
    let running = 0;
    let most = 0;
    const done: string[] = [];
    const releases: (() => void)[] = [];
    const stop = await queue.process("plan", 2, async (job: Job) => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => releases.push(resolve));
      running--;
      done.push(job.key);
    });
    for (let n = 0; n < 6; n++) await queue.add({ ...plan, key: `k${n}` });
    await until(opened, () => running === 2, "two run at once");
    await pass(2 * unitMs);
    expectEqual(most, 2);
    releases.shift()?.();
    await until(opened, () => done.length === 1 && running === 2, "the next one begins");
    let stopped = false;
    const stopping = stop().then(() => {
      stopped = true;
    });
    await pass(2 * unitMs);
    expectEqual(stopped, false, "stop waits for the running handlers");
    for (const release of releases.splice(0)) release();
    await stopping;
    expectEqual([running, done.length, most], [0, 3, 2]);
    await pass(4 * unitMs);
    expectEqual(done.length, 3, "nothing begins after stop");
    const left = recorder(opened.clock);
    await queue.process("plan", 8, left.handler);
    await until(opened, () => left.tried.length === 3, "processing again takes the rest");
  });
}

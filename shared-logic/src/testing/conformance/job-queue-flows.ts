// Cases of flows: parents that wait for their children.
import type { Job, JobRequest } from "../../ports/job-queue.ts";
import { expectEqual, expectTrue } from "../expect.ts";
import { type AddJobCase, recorder, until } from "./job-queue-case.ts";

const job = (key: string, more: Partial<JobRequest> = {}): JobRequest => ({
  queue: "units",
  key,
  data: key,
  attempts: 1,
  ...more,
});
const parentOf = (key: string, children: readonly JobRequest[]): JobRequest =>
  job(key, { queue: "days", children });

export function flowCases(add: AddJobCase): void {
  add("3: a parent runs after all its children succeeded", async (opened) => {
    const { queue, clock, unitMs } = opened;
    const late = (child: Job) => child.key === "b" && child.attempt === 1;
    const { tried, handler } = recorder(clock, late);
    await queue.process("days", 2, handler);
    const units = [
      job("a", { children: [job("a1"), job("a2")] }),
      job("b", { attempts: 2, backoffMs: 2 * unitMs }),
    ];
    expectEqual(await queue.add(parentOf("day", units)), "added");
    expectEqual(await queue.add(parentOf("day", [job("other")])), "known");
    expectEqual(await queue.state("days", "day"), "waiting");
    expectEqual(await queue.state("units", "other"), undefined, "a known parent adds no children");
    expectEqual(await queue.add(job("a1")), "known", "children have keys like all jobs");
    await opened.pass(2 * unitMs);
    expectEqual(tried.length, 0, "nobody processed the children yet");
    await queue.process("units", 2, handler);
    await until(opened, async () => (await queue.state("days", "day")) === "done", "the parent");
    const order = tried.map((t) => t.key);
    expectEqual([...order].sort(), ["a", "a1", "a2", "b", "b", "day"]);
    expectEqual(order.at(-1), "day");
    expectTrue(
      order.indexOf("a") > Math.max(order.indexOf("a1"), order.indexOf("a2")),
      "a too early",
    );
  });

  add("3: a child that finally fails fails the parent, and its parents", async (opened) => {
    const { queue, clock, unitMs } = opened;
    const { tried, handler } = recorder(clock, ({ key }) => key === "bad");
    await queue.process("units", 4, handler);
    await queue.process("days", 4, handler);
    const day = parentOf("day", [job("good"), job("bad", { attempts: 2, backoffMs: unitMs })]);
    await queue.add(parentOf("week", [day]));
    await until(
      opened,
      async () => (await queue.state("days", "week")) === "failed",
      "the week fails",
    );
    expectEqual(await queue.state("days", "day"), "failed");
    expectEqual(await queue.state("units", "good"), "done");
    await opened.pass(4 * unitMs);
    expectEqual(tried.map((t) => t.key).sort(), ["bad", "bad", "good"], "no parent ran");
    const again = parentOf("day", [job("good")]);
    expectEqual(await queue.add(again), "added", "a failed parent may be added again");
    await until(opened, async () => (await queue.state("days", "day")) === "done", "it runs");
  });

  add("3: a parent waits for a child that was known already", async (opened) => {
    const { queue, clock, unitMs } = opened;
    const { tried, handler } = recorder(clock);
    await queue.add(job("shared", { delayMs: 4 * unitMs }));
    await queue.add(parentOf("day1", [job("shared")]));
    await queue.add(parentOf("day2", [job("shared"), job("own")]));
    await queue.process("days", 2, handler);
    await queue.process("units", 2, handler);
    for (const day of ["day1", "day2"]) {
      await until(opened, async () => (await queue.state("days", day)) === "done", day);
    }
    const order = tried.map((t) => t.key);
    expectEqual(order.slice(0, 2), ["own", "shared"]);
    expectEqual(order.slice(2).sort(), ["day1", "day2"]);
  });
}

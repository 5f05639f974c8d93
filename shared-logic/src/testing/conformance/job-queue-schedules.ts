// Cases of schedules: jobs that are added each time an aligned period begins.
import { expectEqual, expectTrue } from "../expect.ts";
import { type AddJobCase, recorder, until } from "./job-queue-case.ts";

export function scheduleCases(add: AddJobCase): void {
  const tick = { queue: "ticks", key: "tick", data: "first" };

  add("4: a job is added each time its period begins, aligned to UTC", async (opened) => {
    const { queue, clock, unitMs } = opened;
    const { tried, handler } = recorder(clock);
    const everyMs = 6 * unitMs;
    await queue.process("ticks", 1, handler);
    await queue.schedule("seal", everyMs, tick);
    await until(opened, () => tried.length === 4, "four periods begin");
    const periods = tried.map((t) => Math.floor(t.atMs / everyMs));
    const first = periods[0] ?? 0;
    expectEqual(periods, [first, first + 1, first + 2, first + 3]);
    // A busy machine is late now and then: of four, two may be.
    const [, lateMs = everyMs] = tried.map(({ atMs }) => atMs % everyMs).sort((a, b) => a - b);
    expectTrue(lateMs < everyMs / 4, `three of four at least ${lateMs} ms into their period`);
  });

  add("4: the same name again replaces it, and unschedule ends it", async (opened) => {
    const { queue, clock, unitMs, pass } = opened;
    const { tried, handler } = recorder(clock);
    await queue.process("ticks", 1, handler);
    // Far from the next period, so that the first schedule has no tick before it is replaced.
    await pass(12 * unitMs - (clock.now() % (12 * unitMs)));
    await queue.schedule("seal", 4 * unitMs, tick);
    await queue.schedule("seal", 3 * unitMs, { ...tick, key: "tock", data: "second" });
    await until(opened, () => tried.length === 3, "three periods begin");
    expectEqual([...new Set(tried.map((t) => t.data))], ["second"]);
    await queue.unschedule("seal");
    await queue.unschedule("never there");
    await pass(unitMs);
    const count = tried.length;
    await pass(12 * unitMs);
    expectEqual(tried.length, count, "unscheduled");
  });

  add("4: a schedule outlives the process; what was missed comes once", async (opened) => {
    const { queue, clock, unitMs, pass, die } = opened;
    if (die === undefined) return;
    const everyMs = 6 * unitMs;
    await queue.schedule("seal", everyMs, tick);
    const again = await die();
    const { tried, handler } = recorder(clock);
    await pass(3 * everyMs);
    await again.schedule("seal", everyMs, tick); // as every start of the program does
    await again.process("ticks", 1, handler);
    await until(opened, () => tried.length === 3, "it goes on");
    const periods = tried.map((t) => Math.floor(t.atMs / everyMs));
    expectEqual(
      periods,
      [0, 1, 2].map((n) => (periods[0] ?? 0) + n),
      "one a period, one for all that were missed",
    );
    await again.close();
  });
}

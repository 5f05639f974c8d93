// EventLog contract lines 8, 9, 11 and 12: datasets, groups, closing, and what is not there.
import { expectEqual, expectTrue } from "../expect.ts";
import { type AddLogCase, errorOf, offsetsOf, readTexts, record } from "./event-log-case.ts";

export function groupCases(add: AddLogCase): void {
  add("8: create is idempotent and keeps the number of partitions", async (opened) => {
    const { log, dataset, reopen } = opened;
    expectEqual(await log.partitions(dataset), 0);
    await Promise.all([log.create(dataset, 3), log.create(dataset, 3)]);
    offsetsOf(await log.append(dataset, [record(2, "kept")]));
    await log.create(dataset, 5);
    expectEqual(await log.partitions(dataset), 3);
    expectEqual((await log.ranges(dataset)).length, 3);
    const again = (await reopen?.()) ?? log;
    await again.create(dataset, 1);
    expectEqual(await again.partitions(dataset), 3);
    expectEqual(await readTexts(again, dataset, 2), ["kept"]);
    await again.close();
  });

  add(
    "9: a committed offset is of its group and partition and never moves back",
    async (opened) => {
      const { log, dataset, reopen } = opened;
      await log.create(dataset, 3);
      offsetsOf(
        await log.append(
          dataset,
          ["a", "b", "c", "d"].map((t) => record(1, t)),
        ),
      );
      expectEqual(await log.committed(dataset, "speed"), [undefined, undefined, undefined]);
      await log.commit(dataset, "speed", 1, 3);
      await log.commit(dataset, "archive", 1, 1);
      await log.commit(dataset, "speed", 1, 2);
      expectEqual(await log.committed(dataset, "speed"), [undefined, 3, undefined]);
      expectEqual(await log.committed(dataset, "archive"), [undefined, 1, undefined]);
      await Promise.all([1, 2, 3, 4].map((o) => log.commit(dataset, "many", 1, o)));
      expectEqual(await log.committed(dataset, "many"), [undefined, 4, undefined]);
      const again = (await reopen?.()) ?? log;
      expectEqual(await again.committed(dataset, "speed"), [undefined, 3, undefined]);
      expectEqual(await again.committed(dataset, "many"), [undefined, 4, undefined]);
      await again.close();
    },
  );

  add("11: after close, calls throw and what was accepted is safe", async (opened) => {
    const { log, dataset, reopen } = opened;
    await log.create(dataset, 1);
    const underWay = log.append(dataset, [record(0, "under way")]);
    const waiting = log.waitFor(dataset, 0, 1000, 2000);
    await log.close();
    const accepted = (await underWay).every((r) => r.ok);
    const calls: (() => Promise<unknown>)[] = [
      () => log.append(dataset, [record(0, "late")]),
      () => log.read(dataset, 0, 0, 10),
      () => log.ranges(dataset),
      () => log.waitFor(dataset, 0, 0, 10),
      () => log.commit(dataset, "g", 0, 1),
      () => log.committed(dataset, "g"),
      () => log.partitions(dataset),
      () => log.create(dataset, 1),
    ];
    for (const call of calls) expectEqual((await errorOf(call)).code, "log_unavailable");
    await waiting;
    await log.close();
    if (reopen === undefined) return;
    const again = await reopen();
    const texts = await readTexts(again, dataset);
    expectTrue(!accepted || texts.includes("under way"), "an accepted record is gone");
    expectTrue(!texts.includes("late"), "a refused record is there");
    await again.close();
  });

  add("12: a dataset that is not there has nothing and takes nothing", async ({ log, dataset }) => {
    expectEqual(await log.ranges(dataset), []);
    expectEqual(await log.committed(dataset, "g"), []);
    const calls: (() => Promise<unknown>)[] = [
      () => log.append(dataset, [record(0, "a")]),
      () => log.read(dataset, 0, 0, 10),
      () => log.waitFor(dataset, 0, 0, 10),
      () => log.commit(dataset, "g", 0, 1),
    ];
    for (const call of calls) expectEqual((await errorOf(call)).code, "log_unavailable");
  });
}

// EventLog contract line 7: waiting for records.
import type { StopSignal } from "../../ports/clock.ts";
import { expectEqual, expectTrue } from "../expect.ts";
import { type AddLogCase, offsetsOf, record } from "./event-log-case.ts";

/** Long enough that a case which needs it to pass would not end. */
const NEVER_MS = 10_000_000;

export function waitCases(add: AddLogCase): void {
  add("7: waitFor ends with the append it waits for, of its own partition", async (opened) => {
    const { log, dataset } = opened;
    await log.create(dataset, 2);
    const end = (await log.ranges(dataset))[0]?.end ?? 0;
    const ended: string[] = [];
    const next = log.waitFor(dataset, 0, end, NEVER_MS).then(() => ended.push("next"));
    const further = log.waitFor(dataset, 0, end + 1, NEVER_MS).then(() => ended.push("further"));
    offsetsOf(await log.append(dataset, [record(1, "of another partition")]));
    expectEqual(ended, []);
    offsetsOf(await log.append(dataset, [record(0, "a")]));
    await next;
    expectEqual(ended, ["next"]);
    offsetsOf(await log.append(dataset, [record(0, "b")]));
    await further;
    // Already above: at once.
    await log.waitFor(dataset, 0, end, NEVER_MS);
    expectTrue((await log.read(dataset, 0, end, 1000)).count > 0, "woken and nothing to read");
  });

  add("7: waitFor ends with its timeout, without an error", async ({ log, dataset }) => {
    await log.create(dataset, 1);
    const end = (await log.ranges(dataset))[0]?.end ?? 0;
    await log.waitFor(dataset, 0, end, 0);
    await log.waitFor(dataset, 0, end, 5);
  });

  add("7: waitFor ends when the signal aborts, without an error", async ({ log, dataset }) => {
    await log.create(dataset, 1);
    const end = (await log.ranges(dataset))[0]?.end ?? 0;
    const stop = stopper();
    const waiting = log.waitFor(dataset, 0, end, NEVER_MS, stop);
    stop.abort();
    await waiting;
    expectEqual(stop.listeners(), 0, "listeners left");
    await log.waitFor(dataset, 0, end, NEVER_MS, stop);
    const other = stopper();
    const woken = log.waitFor(dataset, 0, end, NEVER_MS, other);
    offsetsOf(await log.append(dataset, [record(0, "a")]));
    await woken;
    expectEqual(other.listeners(), 0, "listeners left");
  });
}

/** An abort signal without the platform's. */
function stopper(): StopSignal & { abort(): void; listeners(): number } {
  const listening = new Set<() => void>();
  let aborted = false;
  return {
    get aborted() {
      return aborted;
    },
    addEventListener: (_type, listener) => void listening.add(listener),
    removeEventListener: (_type, listener) => void listening.delete(listener),
    abort() {
      aborted = true;
      for (const listener of [...listening]) {
        listening.delete(listener);
        listener();
      }
    },
    listeners: () => listening.size,
  };
}

// One run for the garbage row: the second half of a log, after the first has compiled the code and made the
// cells. Flushes and the checkpoint are in it.
import { PerformanceObserver } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { inFolder } from "./folder.ts";
import { batchesOf, foreignRecords, HeldLog } from "./held-log.ts";
import { benchMetrics, openSpeedRun } from "./speed-run.ts";
import { makeWorkload } from "./workload.ts";

const EVENTS = Number(process.env["EVENTS"] ?? 1_000_000);

export interface Allocated {
  readonly events: number;
  readonly bytes: number;
  /** Collections meanwhile. */
  readonly collected: number;
}

const allocated = await inFolder(async (folder): Promise<Allocated> => {
  const batches = batchesOf(foreignRecords(makeWorkload(EVENTS, Number(process.argv[2]))));
  const half = batches[batches.length >> 1]!.offsets[0]!;
  const log = new HeldLog(batches);
  const run = await openSpeedRun(folder, log, await benchMetrics("metrics-foreign"));
  log.endAt(half);
  await run.work();
  log.endAt(EVENTS);
  globalThis.gc?.();
  let collected = 0;
  const observer = new PerformanceObserver((list) => {
    collected += list.getEntries().length;
  });
  observer.observe({ entryTypes: ["gc"] });
  const used = (): number => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  await run.work();
  const bytes = used() - before;
  await pause(10);
  observer.disconnect();
  await run.close();
  return { events: EVENTS - half, bytes, collected };
});
process.send?.(allocated, () => process.exit(0));

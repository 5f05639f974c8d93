// One run for the garbage row: the second half of a log, after the first has compiled the code and made the
// cells. Flushes and the checkpoint are in it. What was allocated is what the heap grew by from one collection
// to the next; the bytes of typed arrays, which lie outside of it, are not seen.
import { GCProfiler, getHeapStatistics } from "node:v8";
import { inFolder } from "./folder.ts";
import { batchesOf, foreignRecords, HeldLog } from "./held-log.ts";
import { benchMetrics, openSpeedRun } from "./speed-run.ts";
import { makeWorkload } from "./workload.ts";

const EVENTS = Number(process.env["EVENTS"] ?? 1_000_000);

export interface Allocated {
  readonly events: number;
  readonly bytes: number;
  readonly collections: number;
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
  const profiler = new GCProfiler();
  profiler.start();
  let last = getHeapStatistics().used_heap_size;
  await run.work();
  const end = getHeapStatistics().used_heap_size;
  let bytes = 0;
  const { statistics } = profiler.stop();
  for (const { beforeGC, afterGC } of statistics) {
    bytes += beforeGC.heapStatistics.usedHeapSize - last;
    last = afterGC.heapStatistics.usedHeapSize;
  }
  await run.close();
  return { events: EVENTS - half, bytes: bytes + end - last, collections: statistics.length };
});
process.send?.(allocated, () => process.exit(0));

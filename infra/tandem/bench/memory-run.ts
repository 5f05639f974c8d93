// One run for the memory row, in a process of its own: events in argv[2]. Says how much the speed layer
// holds at the end, heap, arrays and the kernels' memories, beside what was there before it began.
import { setTimeout as pause } from "node:timers/promises";
import { count, distinct, metric, user } from "@tandem/shared-logic";
import { inFolder } from "./folder.ts";
import { batchesOf, HeldLog, ownRecords } from "./held-log.ts";
import { openSpeedRun } from "./speed-run.ts";
import { makeWorkload } from "./workload.ts";

/** Few enough that both runs see nearly all of them: the sketches are then as full in both. */
const USERS = 50;

export interface MemoryUsed {
  readonly events: number;
  readonly blocks: number;
  readonly usedBytes: number;
  readonly rssBytes: number;
}

const common = { unit: "", version: 1, by: [["event_type"]], examples: [] };
const metrics = [
  metric({ ...common, name: "c", title: "c", reducer: count({ grains: ["hour"] }) }),
  metric({ ...common, name: "u", title: "u", reducer: distinct(user(), { grains: ["hour"] }) }),
];

async function held(): Promise<number> {
  // Buffers that became garbage are given back a while after the collection that found them.
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await pause(50);
  }
  // Arrays are among what is external, and so are WebAssembly's memories.
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const logOf = (events: number): HeldLog =>
  new HeldLog(batchesOf(ownRecords(makeWorkload(events, 1, USERS))));

async function run(events: number): Promise<MemoryUsed> {
  return inFolder(async (folder) => {
    const log = logOf(events);
    const before = await held();
    const opened = await openSpeedRun(folder, log, metrics);
    await opened.work();
    const usedBytes = (await held()) - before;
    const blocks = opened.workers[0]?.current?.fold.blockCount ?? 0;
    const rssBytes = process.memoryUsage.rss();
    await opened.close();
    return { events, blocks, usedBytes, rssBytes };
  });
}

const used = await run(Number(process.argv[2]));
process.send?.(used, () => process.exit(0));

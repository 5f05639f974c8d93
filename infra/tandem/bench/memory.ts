// The memory of the speed layer grows with groups and not with events: two runs of the same day, tenants,
// types and users, one with four times the events. Late ones reach more hours, so groups grow a little.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Row } from "./figure.ts";
import type { MemoryUsed } from "./memory-run.ts";

const EVENTS = 250_000;
const MOST = 1.25;

async function used(events: number): Promise<MemoryUsed> {
  const path = join(import.meta.dirname, "memory-run.ts");
  const child = fork(path, [String(events)], { execArgv: ["--expose-gc", "--no-warnings"] });
  const [message] = (await once(child, "message")) as [MemoryUsed];
  return message;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

export const memory: Row = async (say) => {
  const runs = [await used(EVENTS), await used(4 * EVENTS)] as const;
  for (const r of runs) {
    say(
      `${r.events} events: ${r.blocks} blocks, holds ${megabytes(r.usedBytes)}, RSS ${megabytes(r.rssBytes)} (with the log in memory)`,
    );
  }
  const [few, many] = runs;
  const ratio = many.usedBytes / few.usedBytes;
  const groups = many.blocks / few.blocks;
  return [
    {
      row: "memory",
      what: "heap and arrays, 4 x the events",
      goal: `<= ${MOST} x its groups`,
      figure: `${ratio.toFixed(2)} x (${megabytes(few.usedBytes)}, ${megabytes(many.usedBytes)}; groups and hours ${groups.toFixed(2)} x)`,
      met: ratio <= MOST * groups,
    },
  ];
};

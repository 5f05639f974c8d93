// `tandem batch run`: plans, seals and reports each day as it is done, and names what damage keeps it from.
import { type BatchProgress, setAsideWords } from "@tandem/batch-layer";
import { formatDay, type UtcDay } from "@tandem/shared-logic";
import type { Tandem } from "../tandem.ts";
import type { Io } from "./io.ts";

/** Of a long backfill the newest days alone; the others when they are asked for. */
const COMPARED_DAYS = 16;

/** What the command leaves behind for scripts; 1 is an error. */
export const BATCH_EXIT = { done: 0, damaged: 4 } as const;

export interface BatchOptions {
  readonly from?: UtcDay;
  readonly until?: UtcDay;
  readonly includeOpen?: boolean;
}

export async function runBatchCommand(tandem: Tandem, o: BatchOptions, io: Io): Promise<number> {
  const outcome = await tandem.runBatch({
    ...(o.from === undefined ? {} : { from: o.from }),
    ...(o.until === undefined ? {} : { until: o.until }),
    includeOpen: o.includeOpen ?? false,
    progress: (step) => io.err(`${words(step)}\n`),
  });
  const published = outcome.sealed.filter((s) => s.published.state === "published").length;
  const superseded = outcome.sealed.filter((s) => s.published.state === "superseded").length;
  io.out(
    `cut ${outcome.cut.seq} at offsets ${outcome.cut.v.join(",")}: ${published} runs published`,
  );
  io.out(superseded > 0 ? `, ${superseded} superseded or pinned\n` : "\n");
  for (const { day, found } of await tandem.reconciler.reconcile(COMPARED_DAYS)) {
    const off = [...found.values()].flat().filter((c) => c.unexplained.length > 0);
    const names = [...new Set(off.map((c) => c.metric))].join(", ");
    if (off.length > 0)
      io.err(
        `${formatDay(day)}: speed differed in ${names}, unexplained: tandem reconcile --unexplained\n`,
      );
  }
  if (outcome.planned === 0)
    io.out("nothing to do: every closed day has a run (open days: --include-open)\n");
  for (const { name, version, done, wanted, missing } of outcome.versions.waiting) {
    const [first] = missing;
    const lacks = first === undefined ? "" : ` (first without a run: ${formatDay(first)})`;
    io.out(
      `${name}@${version} has ${done} of ${wanted} days and does not answer to ${name} yet${lacks}\n`,
    );
  }
  const { setAside } = outcome;
  if (setAside.length === 0) return BATCH_EXIT.done;
  io.out(
    `not computed, and answered as before, because of damage: ${setAside.map((s) => s.at).join("; ")}: tandem fsck\n`,
  );
  return BATCH_EXIT.damaged;
}

function words(p: BatchProgress): string {
  switch (p.step) {
    case "cut":
      return `cut ${p.seq}${p.activates > 0 ? `, activates ${p.activates} new metrics` : ""}`;
    case "archived":
      return `the archive has reached cut ${p.seq}`;
    case "planned":
      return `${p.runs} runs on ${p.days} days`;
    case "sealed":
      return `sealed ${p.day} (${p.done} of ${p.of} days, ${p.runs} runs)`;
    case "set-aside":
      return `not computed: ${setAsideWords(p.what)}`;
    case "spans":
      return `${p.changed} week and month rows rebuilt`;
    case "visible":
      return `${p.name} is answered by ${p.name}@${p.to} from now on`;
  }
}

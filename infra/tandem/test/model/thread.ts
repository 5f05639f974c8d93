// Explores in a thread of its own: the test runner follows every promise of its own thread, which is slow.
import { parentPort, Worker, workerData } from "node:worker_threads";
import {
  BEGINNINGS,
  type Explored,
  exhaust,
  hunt,
  nothingExplored,
  sample,
  story,
} from "./explore.ts";
import { RULES } from "./rules.ts";

export type Work =
  | { readonly work: "explore"; readonly length: number; readonly seeds: number }
  | { readonly work: "hunt"; readonly seeds: number };

export interface ExploreResult extends Pick<Explored, "cases" | "asked"> {
  readonly failure: string | undefined;
}
/** By rule: what was said, or undefined where nobody noticed. */
export type HuntResult = Readonly<Record<string, string | undefined>>;

export const inThread = <T>(work: Work): Promise<T> =>
  new Promise((resolve, reject) => {
    const thread = new Worker(new URL(import.meta.url), { workerData: work });
    thread.once("message", resolve);
    thread.once("error", reject);
  });

async function explore(length: number, seeds: number): Promise<ExploreResult> {
  const found = nothingExplored();
  for (const beginning of BEGINNINGS) if (!found.violation) await exhaust(beginning, length, found);
  let seed = 0;
  while (!found.violation && seed < seeds) await sample(++seed, found);
  const { cases, asked, violation } = found;
  return { cases, asked, failure: violation && (await story(violation, seed || undefined)) };
}

async function huntAll(seeds: number): Promise<HuntResult> {
  const caught: Record<string, string | undefined> = {};
  for (const rule of RULES) caught[rule] = (await hunt(rule, seeds))?.what.message;
  return caught;
}

if (parentPort) {
  const work = workerData as Work;
  parentPort.postMessage(
    work.work === "explore" ? await explore(work.length, work.seeds) : await huntAll(work.seeds),
  );
}

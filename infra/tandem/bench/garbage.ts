// Goal S7: what the speed loop leaves for the collector, in bytes per event. Worker and log run in a process
// whose young generation is so large that nothing is collected while it is looked at; what the heap and its
// arrays grew by was allocated. A collection meanwhile makes the figure wrong.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Row } from "./figure.ts";
import type { Allocated } from "./garbage-run.ts";
import { goalFigure } from "./measured.ts";

const ROUNDS = Number(process.env["ROUNDS"] ?? 3);

async function once1(seed: number): Promise<Allocated> {
  const child = fork(join(import.meta.dirname, "garbage-run.ts"), [String(seed)], {
    execArgv: [
      "--expose-gc",
      "--max-semi-space-size=2048",
      "--min-semi-space-size=2048",
      "--no-warnings",
    ],
  });
  const [allocated] = (await once(child, "message")) as [Allocated];
  return allocated;
}

export const garbage: Row = async (say) => {
  const runs: number[] = [];
  let collections = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { events, bytes, collected } = await once1(round + 1);
    collections += collected;
    runs.push(bytes / events);
    say(`${Math.round(bytes)} bytes for ${events} events`);
  }
  const ours = [...runs].sort((a, b) => a - b)[runs.length >> 1]!;
  const figure = goalFigure("garbage", "S7", { ours, runs });
  return [{ ...figure, ...(collections > 0 ? { wrong: `${collections} collections` } : {}) }];
};

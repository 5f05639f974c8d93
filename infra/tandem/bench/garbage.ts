// Goal S7: what the speed loop leaves for the collector, in bytes per event: garbage-run.ts, a process a round.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Row } from "./figure.ts";
import type { Allocated } from "./garbage-run.ts";
import { goalFigure } from "./measured.ts";
import { median } from "./rounds.ts";

const ROUNDS = Number(process.env["ROUNDS"] ?? 3);

export const garbage: Row = async (say) => {
  const runs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const child = fork(join(import.meta.dirname, "garbage-run.ts"), [String(round + 1)], {
      execArgv: ["--expose-gc", "--no-warnings"],
    });
    const [{ events, bytes, collections }] = (await once(child, "message")) as [Allocated];
    runs.push(bytes / events);
    say(`${Math.round(bytes)} bytes for ${events} events, ${collections} collections`);
  }
  return [goalFigure("garbage", "S7", { ours: median(runs), runs })];
};

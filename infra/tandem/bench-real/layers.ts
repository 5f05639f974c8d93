// Each layer's process: from its start to ready, what it uses while nothing happens, and how long it takes
// to end in order after it has done something.
import { setTimeout as pause } from "node:timers/promises";
import type { Figure, Row } from "../bench/figure.ts";
import { makeWorkload } from "../bench/workload.ts";
import { createKey, inInstallation } from "./bench-installation.ts";
import { bodiesOf, post } from "./client.ts";
import { LAYERS, type LayerProcess, startLayers } from "./layer-process.ts";

const IDLE_MS = Number(process.env["IDLE_MS"] ?? 20_000);
const SETTLE_MS = 5000;
const EVENTS = 20_000;
const STOP_GOAL_MS = 10_000;
/** Above it something spins; below it are polls, heartbeats and timers. */
const IDLE_GOAL = 0.05;
/** What a heap breathes by between two collections. */
const GROWTH_GOAL_MB = 32;

interface Idle {
  readonly share: number;
  readonly fromMb: number;
  readonly toMb: number;
}

async function idleOf(layers: readonly LayerProcess[]): Promise<Idle[]> {
  const look = () =>
    Promise.all(
      layers.map(async (one) => ({ cpuS: await one.cpuS(), mb: await one.residentMb() })),
    );
  const began = performance.now();
  const before = await look();
  await pause(IDLE_MS);
  const after = await look();
  const wallS = (performance.now() - began) / 1000;
  return before.map(({ cpuS, mb }, i) => ({
    share: (after[i]!.cpuS - cpuS) / wallS,
    fromMb: mb,
    toMb: after[i]!.mb,
  }));
}

export const layers: Row = (say) =>
  inInstallation({}, async (installation) => {
    const names = Object.keys(LAYERS) as (keyof typeof LAYERS)[];
    const key = createKey(installation);
    const running = await startLayers(names, installation.file);
    try {
      const url = /http:\/\/[\d.:]+/.exec(running[0]!.about)?.[0] ?? "";
      for (const body of bodiesOf(makeWorkload(EVENTS), 500)) await post({ url, key }, body);
      // What was sent is folded, archived and sealed before nothing happens.
      await pause(SETTLE_MS);
      const idle = await idleOf(running);
      const figures: Figure[] = [];
      for (const [i, layer] of running.entries()) {
        const { share, fromMb, toMb } = idle[i]!;
        const { tookMs, code } = await layer.stop();
        const about = `${layer.name}: ready ${Math.round(layer.readyMs)} ms`;
        say(`${about}, idle ${(share * 100).toFixed(1)} %, ended in ${Math.round(tookMs)} ms`);
        figures.push(
          {
            row: "layers",
            what: `${layer.name}, start to ready`,
            goal: "",
            figure: `${Math.round(layer.readyMs)} ms`,
          },
          {
            row: "layers",
            what: `${layer.name}, idle ${IDLE_MS / 1000} s: CPU, memory`,
            goal: `<= ${IDLE_GOAL * 100} % of a core, flat`,
            figure: `${(share * 100).toFixed(1)} %, ${Math.round(fromMb)} to ${Math.round(toMb)} MB`,
            met: share <= IDLE_GOAL && toMb - fromMb <= GROWTH_GOAL_MB,
          },
          {
            row: "layers",
            what: `${layer.name}, SIGTERM to its end`,
            goal: `exit 0 within ${STOP_GOAL_MS / 1000} s`,
            figure: `${Math.round(tookMs)} ms, exit ${code}`,
            met: code === 0 && tookMs <= STOP_GOAL_MS,
          },
        );
      }
      return figures;
    } finally {
      for (const one of running) await one.stop();
    }
  });

// CPU-seconds per event of two speed workers against one, as processes on a preloaded log, the whole
// catalogue, views in Cassandra. What starting and waiting cost is measured apart and taken off: the same workers
// once more for as long, with nothing left to fold.
import { availableParallelism, loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "@tandem/adapters/embedded";
import { loadConfig } from "@tandem/adapters/stack";
import type { Figure, Row } from "../bench/figure.ts";
import { median } from "../bench/rounds.ts";
import { makeWorkload } from "../bench/workload.ts";
import { Tandem } from "../src/tandem.ts";
import { createKey, inInstallation } from "./bench-installation.ts";
import { bodiesOf, post } from "./client.ts";
import { type LayerProcess, startLayers } from "./layer-process.ts";

/** So many that compiling the code, once a process, is a small part; of 2,000,000 events it is a fifth. */
const EVENTS = Number(process.env["EVENTS"] ?? 6_000_000);
const ROUNDS = Number(process.env["ROUNDS"] ?? 3);
const LOOK_MS = 100;
const WAIT_MS = 600_000;
const GOAL = 1.1;

interface Spent {
  readonly cpuS: number;
  readonly wallS: number;
}

/** `workers` processes until every record is shown, and for `forS` at least. */
async function folded(workers: number, file: string, tandem: Tandem, forS = 0): Promise<Spent> {
  const began = performance.now();
  const starts = Array.from({ length: workers }, () => startLayers(["speed"], file));
  const running: LayerProcess[] = (await Promise.all(starts)).flat();
  try {
    while (!(await isVisible(tandem))) {
      if (performance.now() - began > WAIT_MS) throw new Error("records are not shown in time");
      await pause(LOOK_MS);
    }
    const wallS = (performance.now() - began) / 1000;
    await pause(Math.max(0, forS - wallS) * 1000);
    const used = await Promise.all(running.map((one) => one.cpuS()));
    return { cpuS: used.reduce((a, b) => a + b, 0), wallS };
  } finally {
    await Promise.all(running.map((one) => one.stop()));
  }
}

async function isVisible({ ports: { log, views }, dataset }: Tandem): Promise<boolean> {
  const ends = (await log.ranges(dataset.dataset)).map((range) => range.end);
  const positions = await views.positions(dataset.dataset, ends.length);
  return ends.every((end, p) => (positions[p]?.to ?? 0) >= end);
}

/** Why the views are not what was sent: a duplicate is at most suspected, and nothing is lost. */
async function wrongOf(tandem: Tandem, events: number): Promise<string | undefined> {
  const day = 86_400_000;
  const [from, until] = [Date.now() - 5 * day, Date.now() + day].map((ms) =>
    new Date(ms).toISOString().slice(0, 10),
  );
  const params = { from: from!, until: until!, grain: "total" };
  const result = await tandem.queries.query(params, "events", "default");
  if (!result.ok) return JSON.stringify(result.problem);
  const { low, high } = result.answer.points[0] ?? {};
  if (Number(low) <= events && events <= Number(high)) return undefined;
  return `${events} events were sent, ${low} to ${high} are shown`;
}

export const workers: Row = (say) =>
  inInstallation({}, async (loaded) => {
    const w = makeWorkload(EVENTS, Number(process.env["SEED"] ?? 1));
    const collector = (await startLayers(["collect"], loaded.file))[0]!;
    try {
      const target = {
        url: /http:\/\/[\d.:]+/.exec(collector.about)?.[0] ?? "",
        key: createKey(loaded),
      };
      for (const body of bodiesOf(w, 1000)) await post(target, body);
    } finally {
      await collector.stop();
    }
    say(`${EVENTS} events in four partitions`);
    const { topicPrefix } = loadConfig({ env: {}, file: loaded.file }).config.kafka;
    let wrong: string | undefined;
    /** On views of its own, and the log that is there. */
    const round = (count: number): Promise<Spent> =>
      inInstallation({ kafka: { topicPrefix } }, async (own) => {
        const { config } = loadConfig({ env: {}, file: own.file });
        const { dataDir } = own;
        const tandem = await Tandem.open({ config, dataDir, clock: systemClock(), threads: 0 });
        try {
          const all = await folded(count, own.file, tandem);
          wrong ??= await wrongOf(tandem, w.count - w.copies);
          const start = await folded(count, own.file, tandem, all.wallS);
          return { cpuS: all.cpuS - start.cpuS, wallS: all.wallS };
        } finally {
          await tandem.close();
          // What is dropped now is its own; the log stays for the next round.
          own.configure({});
        }
      });
    const [one, two]: [Spent[], Spent[]] = [[], []];
    for (let i = 0; i < ROUNDS; i++) {
      one.push(await round(1));
      two.push(await round(2));
    }
    const perEvent = (list: readonly Spent[]): string =>
      `${((median(list.map((s) => s.cpuS)) * 1e6) / EVENTS).toFixed(1)} µs`;
    const cpu = median(two.map((s, i) => s.cpuS / one[i]!.cpuS));
    const wall = median(two.map((s, i) => one[i]!.wallS / s.wallS));
    const free = Math.max(0, availableParallelism() - loadavg()[0]!);
    say(`one worker ${perEvent(one)} of CPU an event, two ${perEvent(two)}`);
    const row = "workers";
    const figures: Figure[] = [
      {
        row,
        what: "CPU per event, two workers against one",
        goal: `<= ${GOAL.toFixed(1)} x`,
        figure: `${cpu.toFixed(2)} x (${perEvent(two)} against ${perEvent(one)})`,
        met: cpu <= GOAL,
        ...(wrong === undefined ? {} : { wrong }),
      },
      {
        row,
        what: "wall time of one worker against two, starts included",
        goal: "",
        figure: `${wall.toFixed(2)} x (${free.toFixed(1)} of ${availableParallelism()} cores free at the end)`,
      },
    ];
    return figures;
  });

// Every layer as processes of its own on the real servers that the environment names: an archiver, two
// speed workers, serving, and for batch a batch process whose schedule seals the days through the queue.
// Topics, keyspace, bucket and keys have names that nobody else has, and are dropped at the end.
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "@tandem/adapters/embedded";
import { loadConfig } from "@tandem/adapters/stack";
import type { Answer } from "@tandem/shared-logic";
import { Tandem } from "../src/tandem.ts";
import { type Changes, freePorts, Installation } from "../test-real/installation.ts";
import { type OpenSystem, type SystemOptions, tandemCommand } from "./system.ts";

const WAIT_MS = 120_000;
const LOOK_MS = 300;

export const openReal: OpenSystem = async (options) => {
  const [servingPort = 0, near = 0] = await freePorts(2);
  // Some in a row, below what systems give to outgoing connections.
  const operationsPort = 20_000 + 10 * (near % 1000);
  const installation = new Installation(settingsOf(options, [servingPort], operationsPort));
  const { file, dataDir } = installation;
  let tandem: Tandem | undefined;
  const close = async (): Promise<void> => {
    await tandem?.close();
    try {
      await tandemCommand(["processes", "stop", "--config", file]);
    } finally {
      installation.remove();
    }
  };
  try {
    await tandemCommand(["setup", "--config", file]);
    await tandemCommand(["processes", "start", "--config", file]);
    const { config } = loadConfig({ env: {}, file });
    const { metricFolders } = options;
    const attached = await Tandem.open({ config, dataDir, metricFolders, clock: systemClock() });
    tandem = attached;
    const key = await tandemCommand(["keys", "create", "--config", file], attached);
    const headers = { authorization: `Bearer ${key}` };
    const ask = async (metric: string, params: Record<string, string>): Promise<Answer> => {
      const url = `http://127.0.0.1:${servingPort}/metrics/${metric}?${new URLSearchParams(params)}`;
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(30_000) });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${text}`);
      return JSON.parse(text) as Answer;
    };
    return {
      async load(path) {
        const said = await tandemCommand(["load", path, "--config", file], attached);
        await until("the speed layer shows what was loaded", () => isVisible(attached));
        return said;
      },
      async seal({ from, until: end }) {
        const planner = installation.variant(settingsOf(options, [], operationsPort + 8));
        await tandemCommand(["processes", "start", "--config", planner]);
        await until("every metric has a run of every day", async () => {
          for (const { name } of attached.metrics) {
            // A short range, because only the horizon is looked at; a day, as some metrics know nothing shorter.
            const { horizon } = await ask(name, { from, until: dayAfter(from), grain: "total" });
            if (horizon === null || horizon < `${end}T00:00:00Z`) return false;
          }
          return true;
        });
        return `the batch process has sealed ${from} to ${end}`;
      },
      query: ({ metric, grain, by }, range) =>
        ask(metric, { ...range, grain, ...(by.length > 0 ? { by: by.join(",") } : {}) }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const dayAfter = (day: string): string =>
  new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);

/** Without a serving port, the batch process alone: it comes last, because its schedule begins at once. */
function settingsOf(
  { metricFolders }: SystemOptions,
  servingPorts: readonly number[],
  operationsPort: number,
): Changes {
  const layers = servingPorts.length > 0;
  return {
    metricFolders,
    processes: {
      collectorPorts: [],
      servingPorts,
      speed: layers ? 2 : 0,
      archive: layers ? 1 : 0,
      batch: layers ? 0 : 1,
      operationsPort,
    },
    batch: { everyMs: 1000 },
  };
}

/** True where every record of the log is folded and flushed. */
async function isVisible({ ports: { log, views }, dataset }: Tandem): Promise<boolean> {
  const ends = (await log.ranges(dataset.dataset)).map((range) => range.end);
  const positions = await views.positions(dataset.dataset, ends.length);
  return ends.every((end, p) => (positions[p]?.to ?? dataset.genesis[p] ?? 0) >= end);
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + WAIT_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${WAIT_MS / 1000} s: ${what}`);
    await pause(LOOK_MS);
  }
}

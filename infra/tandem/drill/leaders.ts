// Drill: with three brokers, the leader of a partition is killed under load, ten times a seed and client;
// nothing acknowledged is lost. `--only kafka` or `--only rdkafka` plays one client. Each leaves a line in a
// ledger beside the drill's place.
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { TandemError } from "@tandem/shared-logic";
import type { Drill, DrillOptions } from "./drill.ts";
import { CLIENTS, killLeaders } from "./leaders/kill-leaders.ts";
import { reached, remember } from "./place.ts";

const SEEDS = 1;
const KILLS = 10;

export const leaders: Drill = {
  name: "leaders",
  about: `leaders of three Kafka brokers killed under load, ten times with each client (${CLIENTS.join(", ")})`,
  run,
};

async function run({ from, seeds, state, say, only }: DrillOptions): Promise<boolean> {
  const first = from ?? reached(state) + 1;
  const count = Math.min(seeds, SEEDS);
  const clients = CLIENTS.filter((client) => only.length === 0 || only.includes(client));
  let violations = 0;
  for (let seed = first; seed < first + count; seed++) {
    for (const client of clients) {
      try {
        const found = await killLeaders({ client, seed, kills: KILLS, say });
        say(`seed ${seed}: ${JSON.stringify(found)}`);
        violations += found.violations.length;
        mkdirSync(dirname(state), { recursive: true });
        const line = { at: new Date().toISOString(), ...found };
        appendFileSync(state.replace(/\.json$/, ".ledger.jsonl"), `${JSON.stringify(line)}\n`);
      } catch (error) {
        if (!(error instanceof TandemError) || error.code !== "configuration") throw error;
        say(`seed ${seed}: ${client} not played: ${error.message}`);
        violations += only.includes(client) ? 1 : 0;
      }
    }
    if (from === undefined) remember(state, seed);
  }
  say(`seeds ${first} to ${first + count - 1}: ${violations} violations`);
  return violations === 0;
}

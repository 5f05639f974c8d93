// A short slice of the drill of killed leaders, with each client; node-rdkafka where it is compiled.
import assert from "node:assert/strict";
import { test } from "node:test";
import { RdkafkaEventLog } from "@tandem/adapters/rdkafka";
import { TandemError } from "@tandem/shared-logic";
import { CLIENTS, killLeaders } from "../drill/leaders/kill-leaders.ts";

const KILLS = 2;
const seed = Number(process.env["TANDEM_SEED"] ?? 1);

/** Why node-rdkafka is not there. */
async function missing(): Promise<string | undefined> {
  try {
    await new RdkafkaEventLog({ brokers: ["127.0.0.1:1"] }).close();
    return undefined;
  } catch (error) {
    if (error instanceof TandemError && error.code === "configuration") return error.message;
    throw error;
  }
}

for (const client of CLIENTS) {
  const skip = client === "rdkafka" ? ((await missing()) ?? false) : false;
  test(`${KILLS} leaders killed under load (${client}, seed ${seed})`, { skip }, async (t) => {
    const say = (line: string): void => t.diagnostic(line);
    const found = await killLeaders({ client, seed, kills: KILLS, say });
    t.diagnostic(JSON.stringify(found));
    assert.deepEqual(found.violations, []);
    assert.ok(found.acknowledged > 0);
  });
}

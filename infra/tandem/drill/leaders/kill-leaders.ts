// Kills the leader of a partition under load, again and again, on three brokers of its own; which partition and
// when by the seed. Nothing acknowledged may be lost or moved, and every call ends in time.
import { setTimeout as pause } from "node:timers/promises";
import { KafkaEventLog, type KafkaOptions } from "@tandem/adapters/kafka";
import { RdkafkaEventLog } from "@tandem/adapters/rdkafka";
import { below, type EventLog, seededRandom } from "@tandem/shared-logic";
import { startServers } from "../../../servers/src/index.ts";
import { LogLoad } from "./log-load.ts";
import { TopicLeaders } from "./topic-leaders.ts";

export const CLIENTS = ["kafka", "rdkafka"] as const;
export type Client = (typeof CLIENTS)[number];

export interface KilledLeaders {
  readonly client: Client;
  readonly seed: number;
  readonly kills: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** Longest append. */
  readonly longestMs: number;
  /** From a kill until every partition took records again: the longest. */
  readonly takeoverMs: number;
  /** Records that are in the log more than once. */
  readonly twice: number;
  readonly violations: readonly string[];
}

export interface KillLeaders {
  readonly client: Client;
  readonly seed: number;
  readonly kills: number;
  readonly say: (line: string) => void;
}

const PARTITIONS = 3;
const RECORDS_BETWEEN = 300;
const MOMENT_MS = 400;
/** What the port promises of an append. */
const APPEND_MS = 2500;
const TOPIC = "leaders";

/** Throws `configuration` where the client is not installed. */
export function openLog(client: Client, brokers: readonly string[]): EventLog {
  const options: KafkaOptions = { brokers, replication: 3, minInsyncReplicas: 2 };
  return client === "kafka" ? new KafkaEventLog(options) : new RdkafkaEventLog(options);
}

export async function killLeaders(o: KillLeaders): Promise<KilledLeaders> {
  const { client, seed, kills, say } = o;
  const random = seededRandom(seed);
  const servers = await startServers({
    which: ["kafka"],
    brokers: 3,
    ports: 0,
    say: () => undefined,
  });
  const brokers = (servers.env["KAFKA_BOOTSTRAP"] ?? "").split(",");
  const violations: string[] = [];
  let takeoverMs = 0;
  try {
    const log = openLog(client, brokers);
    await log.create(TOPIC, PARTITIONS);
    const leaders = await TopicLeaders.open(brokers, TOPIC);
    const load = new LogLoad(log, TOPIC, PARTITIONS);
    try {
      for (let kill = 1; kill <= kills; kill++) {
        if (!(await load.advance(RECORDS_BETWEEN))) violations.push(`kill ${kill}: no load before`);
        await pause(below(random, MOMENT_MS));
        const partition = below(random, PARTITIONS);
        const name = `kafka-${await leaders.of(partition)}`;
        const began = performance.now();
        await servers.kill(name);
        if (!(await load.advance(RECORDS_BETWEEN)))
          violations.push(`kill ${kill}: a partition did not go on after ${name}`);
        const tookMs = performance.now() - began;
        takeoverMs = Math.max(takeoverMs, tookMs);
        await servers.start(name);
        const tally = `${load.acknowledged.size} acknowledged, ${load.refused} refused`;
        say(`${client}: kill ${kill}: ${name}, ${Math.round(tookMs)} ms; ${tally}`);
      }
      await load.advance(RECORDS_BETWEEN);
    } finally {
      await load.stop();
      await leaders.close();
    }
    const { lost, twice } = await load.check();
    if (lost.length > 0)
      violations.push(`${lost.length} acknowledged are lost: ${lost.slice(0, 5)}`);
    const longestMs = Math.round(load.longestMs);
    if (longestMs > APPEND_MS) violations.push(`an append took ${longestMs} ms`);
    await log.close();
    const { acknowledged, refused } = load;
    return {
      client,
      seed,
      kills,
      acknowledged: acknowledged.size,
      refused,
      longestMs,
      takeoverMs: Math.round(takeoverMs),
      twice,
      violations,
    };
  } finally {
    await servers.stop();
  }
}

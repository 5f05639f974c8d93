// Makes what the adapters need on real servers: topics, keyspace, bucket. Explicit and idempotent; every
// process at its start only verifies. All servers are looked at before the first thing is made, so that a
// wrong setting leaves nothing half-made.
import { TandemError } from "@tandem/shared-logic";
import { chosenPorts } from "./chosen-ports.ts";
import { cassandraOptions, kafkaOptions, redisOptions, s3Options } from "./client-options.ts";
import type { TandemConfig } from "./config-schema.ts";
import { OPENERS } from "./port-openers.ts";
import { requirePartitions } from "./required-dataset.ts";
import type { StackContext } from "./stack-ports.ts";

/** A line for each thing that is there now. */
export async function setUpStack(config: TandemConfig, context: StackContext): Promise<string[]> {
  await lookAtServers(config, context);
  const chosen = chosenPorts(config);
  const done: string[] = [];
  if (chosen.views === "cassandra") {
    const { ensureKeyspace } = await import("../cassandra/index.ts");
    const options = cassandraOptions(config);
    await ensureKeyspace({ ...options, replicas: config.cassandra.replicas });
    done.push(`cassandra keyspace ${options.keyspace}`);
  }
  if (chosen.objects === "s3" || chosen.checkpoints === "s3") {
    const { ensureBucket } = await import("../s3/index.ts");
    done.push(`s3 bucket ${config.s3.bucket}: ${await ensureBucket(s3Options(config, context))}`);
  }
  if (chosen.log !== "file") {
    const { ensureTopics, topicsOf } = await import("../kafka/index.ts");
    const { name, partitions } = config.dataset;
    const { topicPrefix, replication, retentionMs } = config.kafka;
    const dataset = topicPrefix + name;
    const topics = topicsOf({ dataset, partitions, replication, retentionMs });
    await ensureTopics(kafkaOptions(config, context), topics);
    done.push(`kafka topics ${topics.map((topic) => topic.name).join(", ")}`);
  }
  if (chosen.jobs === "bullmq") done.push(`redis ${config.redis.url} answers and does not evict`);
  return done;
}

/** Throws where one does not answer, or refuses; what is to be made may be missing. */
async function lookAtServers(config: TandemConfig, context: StackContext): Promise<void> {
  const chosen = chosenPorts(config);
  const opening = { chosen, config, context };
  if (chosen.jobs === "bullmq") {
    const { BullJobQueue } = await import("../redis/index.ts");
    await (await BullJobQueue.open(redisOptions(config, context))).close();
  }
  if (chosen.views === "cassandra")
    await butFor("cassandra.keyspace", async () => (await OPENERS.views(opening)).close?.());
  if (chosen.objects === "s3")
    await butFor("s3.bucket", async () => (await OPENERS.objects(opening)).close?.());
  if (chosen.log === "file") return;
  const log = await OPENERS.log(opening);
  try {
    const { name, partitions } = config.dataset;
    const found = await log.partitions(name);
    if (found > 0) requirePartitions(name, "the log", found, partitions);
  } finally {
    await log.close();
  }
}

async function butFor(setting: string, look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    const missing = error instanceof TandemError && error.details["setting"] === setting;
    if (!missing) throw error;
  }
}

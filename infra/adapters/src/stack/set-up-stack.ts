// Makes what the adapters need on real servers: topics, keyspace, bucket. Explicit and idempotent; every
// process at its start only verifies. What can be wrong without anything being made is looked at first.
import type { CassandraOptions } from "../cassandra/cassandra-options.ts";
import { chosenPorts } from "./chosen-ports.ts";
import { cassandraOptions, kafkaOptions, redisOptions, s3Options } from "./client-options.ts";
import type { TandemConfig } from "./config-schema.ts";
import type { StackContext } from "./stack-ports.ts";

/** A line for each thing that is there now. */
export async function setUpStack(config: TandemConfig, context: StackContext): Promise<string[]> {
  const chosen = chosenPorts(config);
  const done: string[] = [];
  if (chosen.jobs === "bullmq") {
    const { BullJobQueue } = await import("../redis/index.ts");
    const queue = await BullJobQueue.open(redisOptions(config, context));
    await queue.close();
    done.push(`redis ${config.redis.url}: answers and does not evict`);
  }
  if (chosen.views === "cassandra") {
    const { ensureKeyspace } = await import("../cassandra/index.ts");
    const options: CassandraOptions = cassandraOptions(config);
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
  return done;
}

// Makes the topics that are missing. One that exists with another number of partitions is refused before
// anything is made: records of one user would come to lie in two partitions.
import { TandemError } from "@tandem/shared-logic";
import { BrokerConnections } from "./broker-connections.ts";
import { ClusterMap } from "./cluster-map.ts";
import { type KafkaOptions, kafkaSettings } from "./kafka-options.ts";
import { makeTopic } from "./topic-admin.ts";
import type { TopicDefinition } from "./topics.ts";

/** Names of the topics that were made. */
export async function ensureTopics(
  options: KafkaOptions,
  topics: readonly TopicDefinition[],
  /** What the user calls the number of partitions. */
  partitionsSetting = "dataset.partitions",
): Promise<readonly string[]> {
  const settings = kafkaSettings(options);
  const connections = new BrokerConnections(settings);
  const map = new ClusterMap(connections, settings);
  try {
    const missing: TopicDefinition[] = [];
    for (const topic of topics) {
      const { length } = await map.refresh(topic.name);
      if (length === 0) missing.push(topic);
      else refuseOther(topic, length, partitionsSetting);
    }
    for (const topic of missing) {
      const made = await makeTopic(connections, map, settings, topic);
      // Somebody else may have made it meanwhile.
      refuseOther(topic, made, partitionsSetting);
    }
    return missing.map(({ name }) => name);
  } finally {
    connections.close();
  }
}

function refuseOther({ name, partitions, role }: TopicDefinition, found: number, setting: string) {
  // Copies may be spread as somebody likes.
  if (found === partitions || role !== "records") return;
  throw new TandemError("configuration", {
    message: `Topic ${name} has ${found} partitions, but ${setting} is ${partitions}: set ${setting} to ${found}, or name another dataset. The number cannot change while records are kept.`,
    details: { topic: name, setting, found, wanted: partitions },
  });
}

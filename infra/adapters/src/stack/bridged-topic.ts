// The foreign topic that a bridge is told to bring over, as far as the settings alone can be wrong about it.
import { TandemError } from "@tandem/shared-logic";
import type { TandemConfig } from "./config-schema.ts";
import type { ForeignTopics } from "./stack-ports.ts";

/** Throws `configuration` where none is set, it is the dataset's own, or Kafka has none. */
export async function bridgedTopic(
  { bridge: { topic }, kafka, dataset }: Pick<TandemConfig, "bridge" | "kafka" | "dataset">,
  { log }: { readonly log: Pick<ForeignTopics["log"], "partitions"> },
): Promise<string> {
  const wrong = (what: string): TandemError =>
    new TandemError("configuration", { message: `bridge.topic (TANDEM_BRIDGE_TOPIC): ${what}` });
  if (topic === undefined) throw wrong("not set; name the topic to bring over");
  const own = kafka.topicPrefix + dataset.name;
  if (topic === own || topic.startsWith(`${own}.`))
    throw wrong(`${topic} is a topic of dataset ${dataset.name} itself; name somebody else's`);
  if ((await log.partitions(topic)) === 0)
    throw wrong(`there is no topic ${topic}; correct the name, or create it`);
  return topic;
}

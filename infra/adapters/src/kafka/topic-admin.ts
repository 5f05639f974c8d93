// Making topics: explicitly, idempotently, and visible to every later call of this process.
import { TandemError } from "@tandem/shared-logic";
import type { BrokerConnections } from "./broker-connections.ts";
import type { ClusterMap } from "./cluster-map.ts";
import { asUnavailable, typeOf } from "./kafka-errors.ts";
import type { KafkaSettings } from "./kafka-options.ts";
import { backoffMs } from "./time-limit.ts";

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  /** The brokers' default.replication.factor unless given. */
  readonly replication?: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Makes the topic where there is none; waits until every partition has a leader. Number of partitions. */
export async function makeTopic(
  connections: BrokerConnections,
  map: ClusterMap,
  settings: KafkaSettings,
  topic: NewTopic,
): Promise<number> {
  const { callTimeoutMs, clock } = settings;
  const untilMs = performance.now() + callTimeoutMs;
  let existing = await map.refresh(topic.name);
  if (existing.length === 0) {
    const controller = await map.controller();
    await connections
      .call(controller, "ask", callTimeoutMs, (broker) =>
        broker.createTopics({
          topics: [
            {
              topic: topic.name,
              numPartitions: topic.partitions,
              replicationFactor: topic.replication ?? -1,
              configEntries: Object.entries(topic.config).map(([name, value]) => ({ name, value })),
            },
          ],
          timeout: callTimeoutMs,
        }),
      )
      .catch((error: unknown) => {
        if (typeOf(error) !== "TOPIC_ALREADY_EXISTS") throw refusal(error, topic);
      });
  }
  for (let attempt = 0; existing.length === 0 || existing.some((leader) => leader < 0); attempt++) {
    if (performance.now() > untilMs) {
      throw new TandemError("log_unavailable", {
        message: `Topic ${topic.name} was made but has no leaders within ${callTimeoutMs} ms.`,
      });
    }
    await clock.sleep(backoffMs(attempt));
    existing = await map.refresh(topic.name);
  }
  return existing.length;
}

const FIXES: Readonly<Record<string, string>> = {
  INVALID_REPLICATION_FACTOR: "there are fewer brokers than replicas; lower the replication",
  POLICY_VIOLATION: "the brokers' create.topic.policy refuses it",
  INVALID_CONFIG: "the brokers refuse one of its settings",
  INVALID_TOPIC_EXCEPTION: "a topic name has letters, digits, dot, dash and underscore only",
  TOPIC_AUTHORIZATION_FAILED: "the user may not create it; grant Create",
  CLUSTER_AUTHORIZATION_FAILED: "the user may not create it; grant Create",
};

function refusal(error: unknown, { name }: NewTopic): Error {
  const type = typeOf(error);
  const fix = FIXES[type ?? ""];
  if (fix === undefined) return asUnavailable(error, `creating topic ${name}`);
  return new TandemError("configuration", {
    message: `Topic ${name} cannot be created: ${fix}.`,
    details: { topic: name, kafka: type },
    cause: error,
  });
}

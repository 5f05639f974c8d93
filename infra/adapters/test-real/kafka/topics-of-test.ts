// Topics of one test run: unique names, retention by hand, and their removal at the end.
import { BrokerConnections } from "../../src/kafka/broker-connections.ts";
import { ClusterMap } from "../../src/kafka/cluster-map.ts";
import { kafkaSettings } from "../../src/kafka/kafka-options.ts";

const setting = process.env["KAFKA_BOOTSTRAP"];
if (setting === undefined) throw new Error("KAFKA_BOOTSTRAP is not set: host:port of a broker");
export const brokers: readonly string[] = setting.split(",");

export { freshTopic } from "./fresh-topic.ts";

const LIMIT_MS = 10_000;

export class TopicTool {
  private readonly connections: BrokerConnections;
  private readonly map: ClusterMap;
  private readonly noted: string[] = [];

  constructor(of: readonly string[] = brokers) {
    const settings = kafkaSettings({ brokers: of });
    this.connections = new BrokerConnections(settings);
    this.map = new ClusterMap(this.connections, settings);
  }

  /** Removed with the others. */
  note(topic: string): string {
    this.noted.push(topic);
    return topic;
  }

  async dropBelow(topic: string, partition: number, offset: number): Promise<void> {
    const leader = await this.map.leader(topic, partition, performance.now() + LIMIT_MS);
    await this.connections.call(leader, "ask", LIMIT_MS, (broker) =>
      broker.deleteRecords({
        topics: [{ topic, partitions: [{ partition, offset: `${offset}` }] }],
      }),
    );
  }

  async removeAll(): Promise<void> {
    const controller = await this.map.controller();
    for (const topic of this.noted) {
      // Cases that make no topic leave none.
      await this.connections
        .call(controller, "ask", LIMIT_MS, (broker) =>
          broker.deleteTopics({ topics: [topic], timeout: LIMIT_MS }),
        )
        .catch(() => undefined);
    }
    this.connections.close();
  }
}

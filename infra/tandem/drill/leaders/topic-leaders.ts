// Which broker leads a partition now, by a client of the drill's own: the one under test is not asked.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

interface Admin {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  fetchTopicMetadata(o: { topics: string[] }): Promise<{
    topics: { partitions: { partitionId: number; leader: number }[] }[];
  }>;
}
interface KafkaJs {
  readonly Kafka: new (o: { brokers: readonly string[]; logLevel: number }) => { admin(): Admin };
  readonly logLevel: { readonly NOTHING: number };
}

/** The adapters' own kafkajs. */
const name = "kafkajs";
const require = createRequire(fileURLToPath(import.meta.resolve("@tandem/adapters/kafka")));

export class TopicLeaders {
  private readonly admin: Admin;
  private readonly topic: string;

  private constructor(admin: Admin, topic: string) {
    this.admin = admin;
    this.topic = topic;
  }

  static async open(brokers: readonly string[], topic: string): Promise<TopicLeaders> {
    const { Kafka, logLevel } = require(name) as KafkaJs;
    const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    return new TopicLeaders(admin, topic);
  }

  /** Node of the partition's leader; -1 where there is none. */
  async of(partition: number): Promise<number> {
    const { topics } = await this.admin.fetchTopicMetadata({ topics: [this.topic] });
    return topics[0]?.partitions.find((p) => p.partitionId === partition)?.leader ?? -1;
  }

  close(): Promise<void> {
    return this.admin.disconnect();
  }
}

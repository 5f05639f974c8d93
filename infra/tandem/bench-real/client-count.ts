// The yardstick of the Kafka row: a topic's messages counted by each client and thrown away, with the
// settings its adapter reads with. The clients are the adapters' dependencies, found from there.
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const CALL_MS = 10_000;
const MESSAGES_AT_ONCE = 2000;
const require = createRequire(fileURLToPath(import.meta.resolve("@tandem/adapters/kafka")));
const rdkafkaFolder = new URL("../../rdkafka/package.json", import.meta.url);

/** Counts from the topic's start to `count`; the client is connected before. */
export type Counting = () => Promise<{ work(): Promise<number>; close(): Promise<void> }>;

interface JsConsumer {
  connect(): Promise<void>;
  subscribe(o: { topics: string[]; fromBeginning: boolean }): Promise<void>;
  run(o: {
    autoCommit: boolean;
    eachBatch(p: { batch: { messages: { length: number } } }): Promise<void>;
  }): Promise<void>;
  disconnect(): Promise<void>;
}
interface KafkaJs {
  readonly Kafka: new (o: object) => { consumer(o: object): JsConsumer };
  readonly logLevel: { readonly NOTHING: number };
}

export const countKafkajs =
  (brokers: readonly string[], topic: string, count: number): Counting =>
  async () => {
    const name = "kafkajs";
    const { Kafka, logLevel } = require(name) as KafkaJs;
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
    const consumer = kafka.consumer({ groupId: randomUUID(), maxBytesPerPartition: 1 << 20 });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    return {
      async work() {
        let seen = 0;
        const all = Promise.withResolvers<void>();
        await consumer.run({
          autoCommit: false,
          async eachBatch({ batch }) {
            seen += batch.messages.length;
            if (seen >= count) all.resolve();
          },
        });
        await all.promise;
        return seen;
      },
      close: () => consumer.disconnect(),
    };
  };

type Done<T> = (error: Error | null, result: T) => void;
interface RdConsumer {
  connect(o: object, done: Done<unknown>): void;
  assign(places: readonly object[]): void;
  setDefaultConsumeTimeout(ms: number): void;
  consume(count: number, done: Done<{ length: number }>): void;
  disconnect(done: () => void): void;
}
interface RdKafka {
  readonly KafkaConsumer: new (settings: object, topic: object) => RdConsumer;
}

/** Undefined where node-rdkafka is not compiled. */
export function countRdkafka(
  brokers: readonly string[],
  topic: string,
  count: number,
): Counting | undefined {
  let rdkafka: RdKafka;
  try {
    const name = "node-rdkafka";
    rdkafka = createRequire(rdkafkaFolder)(name) as RdKafka;
  } catch {
    return undefined;
  }
  return async () => {
    const settings = {
      "bootstrap.servers": brokers.join(","),
      "group.id": randomUUID(),
      "enable.auto.commit": false,
      "check.crcs": true,
      "fetch.queue.backoff.ms": 5,
      "queued.max.messages.kbytes": 16_384,
    };
    const consumer = new rdkafka.KafkaConsumer(settings, { "auto.offset.reset": "earliest" });
    consumer.setDefaultConsumeTimeout(100);
    await new Promise<void>((resolve, reject) => {
      consumer.connect({ timeout: CALL_MS }, (error) => (error ? reject(error) : resolve()));
    });
    return {
      async work() {
        consumer.assign([{ topic, partition: 0, offset: 0 }]);
        let seen = 0;
        while (seen < count) {
          seen += await new Promise<number>((resolve, reject) => {
            consumer.consume(MESSAGES_AT_ONCE, (error, messages) =>
              error ? reject(error) : resolve(messages.length),
            );
          });
        }
        return seen;
      },
      close: () => new Promise((resolve) => consumer.disconnect(resolve)),
    };
  };
}

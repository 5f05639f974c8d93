// Topics that somebody else writes, here kafkajs' own producer: compressed, tombstones, headers,
// transactions that were aborted or are still open, and what a reader of committed records may see.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { EventLog } from "@tandem/shared-logic";
import { CompressionTypes, Kafka, logLevel } from "kafkajs";
import { KafkaEventLog } from "../../src/kafka/kafka-event-log.ts";
import { RdkafkaEventLog } from "../../src/rdkafka/rdkafka-event-log.ts";
import { brokers, freshTopic, TopicTool } from "./topics-of-test.ts";

const tool = new TopicTool();
const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
after(() => tool.removeAll());

const logs: [string, () => EventLog][] = [["kafka", () => new KafkaEventLog({ brokers })]];
try {
  const made = new RdkafkaEventLog({ brokers });
  await made.close();
  logs.push(["rdkafka", () => new RdkafkaEventLog({ brokers })]);
} catch {
  // Said by its own suite.
}

/** All of partition 0 in reads of one record. */
async function readOn(log: EventLog, topic: string): Promise<[number, string][]> {
  const found: [number, string][] = [];
  const end = (await log.ranges(topic))[0]?.end ?? 0;
  for (let at = 0; at < end; ) {
    const batch = await log.read(topic, 0, at, 1);
    assert.ok(batch.to > at, `a read at ${at} stays there, the end is ${end}`);
    for (let i = 0; i < batch.count; i++) {
      const value = batch.bytes.subarray(batch.starts[i], batch.ends[i]);
      found.push([batch.offsets[i] ?? -1, new TextDecoder().decode(value)]);
    }
    at = batch.to;
  }
  return found;
}

for (const [name, open] of logs) {
  test(`gzip, tombstones and headers of another producer (${name})`, async () => {
    const topic = tool.note(freshTopic());
    const log = open();
    await log.create(topic, 1);
    const producer = kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    const messages = [
      { value: "plain" },
      { key: "k", value: null },
      { value: "with headers", headers: { trace: "abc" } },
    ];
    await producer.send({ topic, messages });
    await producer.send({ topic, messages, compression: CompressionTypes.GZIP });
    await producer.disconnect();
    const expected = ["plain", "", "with headers", "plain", "", "with headers"];
    assert.deepEqual(await readOn(log, topic), [...expected.entries()]);
    await log.close();
  });

  test(`only committed transactions are read, an open one ends the log (${name})`, async () => {
    const topic = tool.note(freshTopic());
    const log = open();
    await log.create(topic, 1);
    const transactionalId = freshTopic();
    const options = { transactionalId, maxInFlightRequests: 1, idempotent: true };
    const producer = kafka.producer({ ...options, allowAutoTopicCreation: false });
    await producer.connect();
    const send = async (value: string, how: "commit" | "abort" | "open") => {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value }] });
      if (how === "commit") await transaction.commit();
      if (how === "abort") await transaction.abort();
      return transaction;
    };
    await send("first", "commit");
    await send("never", "abort");
    await send("second", "commit");
    const open_ = await send("third", "open");
    assert.deepEqual(await readOn(log, topic), [
      [0, "first"],
      [4, "second"],
    ]);
    const [{ end = 0 } = {}] = await log.ranges(topic);
    const waiting = log.waitFor(topic, 0, end, 60_000);
    await open_.commit();
    await waiting;
    assert.equal((await readOn(log, topic)).at(-1)?.[1], "third");
    await producer.disconnect();
    await log.close();
  });
}

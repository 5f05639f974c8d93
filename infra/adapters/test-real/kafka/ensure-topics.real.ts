// Topics on the brokers of KAFKA_BOOTSTRAP: made once, adopted after, refused with another number of
// partitions before anything is made; and brokers that are not there.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ensureTopics } from "../../src/kafka/ensure-topics.ts";
import { KafkaEventLog } from "../../src/kafka/kafka-event-log.ts";
import { topicsOf } from "../../src/kafka/topics.ts";
import { brokers, freshTopic, TopicTool } from "./topics-of-test.ts";

const tool = new TopicTool();
after(() => tool.removeAll());

const options = { brokers, brokersSetting: "kafka.brokers" };

test("missing topics are made, existing ones adopted, another number refused", async () => {
  const dataset = freshTopic();
  const plan = topicsOf({ dataset, partitions: 2 });
  for (const { name } of plan) tool.note(name);
  assert.deepEqual(
    await ensureTopics(options, plan),
    plan.map(({ name }) => name),
  );
  assert.deepEqual(await ensureTopics(options, plan), []);
  const log = new KafkaEventLog(options);
  assert.equal(await log.partitions(dataset), 2);
  await log.close();
  await assert.rejects(ensureTopics(options, topicsOf({ dataset, partitions: 3 })), {
    code: "configuration",
    message: /has 2 partitions, but dataset\.partitions is 3: set dataset\.partitions to 2/,
  });
});

test("more replicas than brokers is a setting to fix", async () => {
  const topics = topicsOf({ dataset: freshTopic(), partitions: 1, replication: 9 });
  await assert.rejects(ensureTopics(options, topics), {
    code: "configuration",
    message: /fewer brokers than replicas/,
  });
});

test("brokers that are not there are named with their setting, within the time limit", async () => {
  const nowhere = { ...options, brokers: ["127.0.0.1:1"], callTimeoutMs: 1000 };
  const error = { code: "log_unavailable", message: /127\.0\.0\.1:1 \(kafka\.brokers\)/ };
  const plan = topicsOf({ dataset: "x", partitions: 1 });
  await assert.rejects(ensureTopics(nowhere, plan), error);
  const log = new KafkaEventLog(nowhere);
  const [result] = await log.append("x", [
    { partition: 0, key: new Uint8Array(0), value: new Uint8Array(1) },
  ]);
  assert.ok(result?.ok === false && "retryable" in result.error && result.error.retryable);
  await log.close();
  assert.throws(() => new KafkaEventLog({ ...options, brokers: ["nonsense"] }), {
    code: "configuration",
    message: /kafka\.brokers: "nonsense" is not host:port/,
  });
});

// The Kafka log against the port's contract, on the brokers of KAFKA_BOOTSTRAP: a topic per case.
import { after, test } from "node:test";
import { eventLogSuite } from "@tandem/shared-logic/testing";
import type { Compression } from "../../src/kafka/batch/compression.ts";
import { KafkaEventLog } from "../../src/kafka/kafka-event-log.ts";
import { brokers, freshTopic, TopicTool } from "./topics-of-test.ts";

const tool = new TopicTool();
after(() => tool.removeAll());

for (const compression of ["none", "zstd", "gzip"] as const satisfies readonly Compression[]) {
  eventLogSuite({
    test: (title, body) => test(`${title} (kafka, ${compression})`, body),
    async open() {
      const options = { brokers, compression };
      let log = new KafkaEventLog(options);
      const dataset = tool.note(freshTopic());
      return {
        log,
        dataset,
        async reopen() {
          await log.close();
          log = new KafkaEventLog(options);
          return log;
        },
        dropBelow: (partition, offset) => tool.dropBelow(dataset, partition, offset),
      };
    },
  });
}

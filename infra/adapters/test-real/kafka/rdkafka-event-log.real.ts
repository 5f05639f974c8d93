// The log by node-rdkafka against the port's contract; skipped, with the reason, where it is not compiled.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { TandemError } from "@tandem/shared-logic";
import { eventLogSuite } from "@tandem/shared-logic/testing";
import { RdkafkaEventLog } from "../../src/rdkafka/rdkafka-event-log.ts";
import { loadRdkafka } from "../../src/rdkafka/rdkafka-module.ts";
import { brokers, freshTopic, TopicTool } from "./topics-of-test.ts";

const tool = new TopicTool();
after(() => tool.removeAll());

let missing: string | undefined;
try {
  loadRdkafka();
} catch (error) {
  assert.ok(error instanceof TandemError && error.code === "configuration");
  assert.match(error.message, /make rdkafka/);
  missing = error.message;
}

if (missing !== undefined) test("node-rdkafka", { skip: missing }, () => undefined);
else {
  eventLogSuite({
    test: (title, body) => test(`${title} (rdkafka)`, body),
    async open() {
      let log = new RdkafkaEventLog({ brokers });
      const dataset = tool.note(freshTopic());
      return {
        log,
        dataset,
        async reopen() {
          await log.close();
          log = new RdkafkaEventLog({ brokers });
          return log;
        },
        dropBelow: (partition, offset) => tool.dropBelow(dataset, partition, offset),
      };
    },
  });
}

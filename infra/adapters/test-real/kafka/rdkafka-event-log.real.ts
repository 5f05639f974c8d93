// The log by node-rdkafka against the port's contract; skipped, with the reason, where it is not compiled.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { TandemError } from "@tandem/shared-logic";
import { eventLogSuite } from "@tandem/shared-logic/testing";
import { KafkaEventLog } from "../../src/kafka/kafka-event-log.ts";
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

  for (const compression of ["gzip", "zstd"] as const) {
    test(`${compression} is read by the other client, or refused at once by its setting`, async (t) => {
      let log: RdkafkaEventLog;
      try {
        log = new RdkafkaEventLog({ brokers, compression });
      } catch (error) {
        assert.ok(error instanceof TandemError && error.code === "configuration");
        assert.match(error.message, /^kafka\.compression .*without zstd/);
        return t.diagnostic(error.message);
      }
      const dataset = tool.note(freshTopic());
      await log.create(dataset, 1);
      const value = new Uint8Array(5000).fill(7);
      const [result] = await log.append(dataset, [{ partition: 0, key: new Uint8Array(1), value }]);
      assert.equal(result?.ok, true);
      const other = new KafkaEventLog({ brokers });
      const batch = await other.read(dataset, 0, 0, 1 << 20);
      assert.deepEqual(batch.bytes.subarray(batch.starts[0], batch.ends[0]), value);
      await Promise.all([log.close(), other.close()]);
    });
  }
}

// Commits to a coordinator that is not ready: on a new broker the topic of offsets is only being made, and after a
// restart its partitions are being loaded. They wait for it, within the call's time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { KafkaEventLog } from "../../src/kafka/kafka-event-log.ts";
import type { KafkaOptions } from "../../src/kafka/kafka-options.ts";
import { FakeBroker } from "./fake-broker.ts";
import { FakeCoordinator, type GroupCall } from "./fake-coordinator.ts";

const [LOADING, NOT_AVAILABLE, NOT_COORDINATOR, NOT_AUTHORIZED] = [14, 15, 16, 30];

async function withCoordinator(
  reply: (call: GroupCall) => number,
  body: (log: KafkaEventLog, coordinator: FakeCoordinator) => Promise<void>,
  options: Partial<KafkaOptions> = {},
): Promise<void> {
  const coordinator = new FakeCoordinator(reply);
  const broker = new FakeBroker(() => 0, undefined, coordinator);
  const log = new KafkaEventLog({ brokers: await broker.start(), ...options });
  try {
    await body(log, coordinator);
  } finally {
    await log.close();
    await broker.stop();
  }
}

/** The code for the first calls of the kind. */
const first = (kind: GroupCall, code: number, calls = 3) => {
  let left = calls;
  return (call: GroupCall) => (call === kind && left-- > 0 ? code : 0);
};

for (const [what, kind, code] of [
  ["offsets are being loaded when they are asked for", "fetch", LOADING],
  ["offsets are being loaded when one is committed", "commit", LOADING],
  ["the topic of offsets is being made", "find", NOT_AVAILABLE],
  ["the coordinator is not there for a commit", "commit", NOT_AVAILABLE],
  ["another one coordinates when offsets are asked for", "fetch", NOT_COORDINATOR],
  ["another one coordinates when one is committed", "commit", NOT_COORDINATOR],
] as const) {
  test(`${what}: the first commit waits`, () =>
    withCoordinator(first(kind, code), async (log, coordinator) => {
      await log.commit("events", "speed", 1, 7);
      assert.deepEqual([...coordinator.offsets], [[1, 7]]);
      assert.equal(coordinator.calls.filter((call) => call === kind).length, 4);
      assert.deepEqual(await log.committed("events", "speed"), [undefined, 7]);
    }));
}

test("a coordinator that is never ready: unavailable, within the call's time", () =>
  withCoordinator(
    first("fetch", LOADING, Number.POSITIVE_INFINITY),
    async (log, coordinator) => {
      const error = { code: "log_unavailable" };
      await assert.rejects(log.commit("events", "speed", 0, 7), error);
      assert.ok(coordinator.calls.length > 2);
      assert.equal(coordinator.offsets.size, 0);
    },
    { callTimeoutMs: 300 },
  ));

test("a group that may not be used is not asked for again", () =>
  withCoordinator(first("commit", NOT_AUTHORIZED), async (log, coordinator) => {
    await assert.rejects(log.commit("events", "speed", 0, 7), { code: "configuration" });
    assert.equal(coordinator.calls.filter((call) => call === "commit").length, 1);
  }));

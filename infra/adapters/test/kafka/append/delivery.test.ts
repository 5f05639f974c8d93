// What the adapter makes of a broker's answers to appends: sends again with the same numbers, with new
// ones, or says so; and ends in time whatever the broker does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AppendResult, TandemError } from "@tandem/shared-logic";
import { KafkaEventLog } from "../../../src/kafka/kafka-event-log.ts";
import type { KafkaOptions } from "../../../src/kafka/kafka-options.ts";
import { FakeBroker, type Reply, type Sent } from "../fake-broker.ts";

const [NOT_LEADER, TOO_LARGE, TOO_FEW_REPLICAS, OUT_OF_ORDER, DUPLICATE] = [6, 10, 19, 45, 46];

const record = (partition: number, sizeBytes = 10) => ({
  partition,
  key: new Uint8Array(0),
  value: new Uint8Array(sizeBytes),
});
const offset = (result: AppendResult | undefined) => {
  if (result?.ok !== true) throw result?.error ?? new Error("no result");
  return result.offset;
};
const refusal = (result: AppendResult | undefined) => {
  assert.ok(result?.ok === false && result.error instanceof TandemError, "it was accepted");
  return result.error;
};

async function withBroker(
  reply: (sent: Sent) => Reply | Promise<Reply>,
  body: (log: KafkaEventLog, broker: FakeBroker) => Promise<void>,
  options: Partial<KafkaOptions> = {},
): Promise<void> {
  const broker = new FakeBroker(reply);
  const log = new KafkaEventLog({ brokers: await broker.start(), ...options });
  try {
    await body(log, broker);
  } finally {
    await log.close();
    await broker.stop();
  }
}

/** Replies in turn, then 0. */
const script = (...replies: readonly Reply[]) => {
  const left = [...replies];
  return () => left.shift() ?? 0;
};
const numbers = ({ producerId, sequence }: Sent) => [producerId, sequence];

for (const [what, reply] of [
  ["another leads now", NOT_LEADER],
  ["too few replicas", TOO_FEW_REPLICAS],
  ["hangs up after it took the batch", "hang up"],
  ["answers garbage", "garbage"],
] as const) {
  test(`${what}: sent again with the same numbers, so that it is taken once`, () =>
    withBroker(script(0, reply, reply), async (log, broker) => {
      assert.equal(offset((await log.append("events", [record(0)]))[0]), 0);
      const before = broker.metadataRequests;
      assert.equal(offset((await log.append("events", [record(0)]))[0]), 1);
      assert.deepEqual(broker.sent.map(numbers), [
        [1, 0],
        [1, 1],
        [1, 1],
        [1, 1],
      ]);
      assert.ok(broker.metadataRequests > before, "nobody asked who leads");
    }));
}

for (const reply of [OUT_OF_ORDER, DUPLICATE]) {
  test(`error ${reply}: sent again under a new identity; other partitions keep theirs`, () =>
    withBroker(
      (
        (answer) => (sent: Sent) =>
          sent.partition === 1 ? 0 : answer()
      )(script(0, reply ?? 0)),
      async (log, broker) => {
        await log.append("events", [record(0), record(1)]);
        assert.equal(offset((await log.append("events", [record(0)]))[0]), 1);
        assert.equal(offset((await log.append("events", [record(1)]))[0]), 1);
        const of = (partition: number) =>
          broker.sent.filter((sent) => sent.partition === partition).map(numbers);
        assert.deepEqual(of(0), [
          [1, 0],
          [1, 1],
          [2, 0],
        ]);
        assert.deepEqual(of(1), [
          [1, 0],
          [1, 1],
        ]);
      },
    ));
}

test("a silent broker: retry in time, and the numbers it may have are used no more", () =>
  withBroker(
    script("silence"),
    async (log, broker) => {
      const began = performance.now();
      const [late] = await log.append("events", [record(0)]);
      assert.ok(performance.now() - began < 1000);
      assert.deepEqual([refusal(late).code, refusal(late).retryable], ["log_unavailable", true]);
      assert.equal(offset((await log.append("events", [record(0)]))[0]), 0);
      assert.deepEqual(broker.sent.map(numbers), [
        [1, 0],
        [2, 0],
      ]);
    },
    { appendTimeoutMs: 300 },
  ));

test("a batch that is too large names the setting and is not sent again", () =>
  withBroker(script(TOO_LARGE), async (log, broker) => {
    const error = refusal((await log.append("events", [record(0)]))[0]);
    assert.deepEqual([error.code, error.retryable], ["configuration", false]);
    assert.match(error.message, /max\.message\.bytes/);
    assert.equal(offset((await log.append("events", [record(0)]))[0]), 0);
    assert.deepEqual(broker.sent.map(numbers), [
      [1, 0],
      [1, 0],
    ]);
  }));

test("one batch of a partition is under way, what comes meanwhile shares the next", async () => {
  const gate = Promise.withResolvers<void>();
  let waits = true;
  const reply = async () => {
    if (waits) await gate.promise;
    return 0;
  };
  await withBroker(reply, async (log, broker) => {
    const first = log.append("events", [record(0)]);
    while (broker.sent.length === 0) await new Promise((wake) => setImmediate(wake));
    const others = Array.from({ length: 50 }, () => log.append("events", [record(0), record(0)]));
    waits = false;
    gate.resolve();
    const offsets = (await Promise.all([first, ...others])).flat().map(offset);
    assert.deepEqual(offsets, [...Array(101).keys()]);
    await log.append("events", [record(0)]);
    assert.deepEqual(
      broker.sent.map(({ sequence, count }) => [sequence, count]),
      [
        [0, 1],
        [1, 100],
        [101, 1],
      ],
    );
  });
});

test("memory for what waits is bounded: beyond it records are refused at once", () =>
  withBroker(
    script("silence"),
    async (log) => {
      const results = await log.append("events", [record(0, 600), record(0, 600), record(0, 100)]);
      assert.match(refusal(results[1]).message, /too many records wait/);
      assert.doesNotMatch(refusal(results[0]).message, /too many/);
      // What was given up is room again.
      for (let ok = false; !ok; )
        ok = (await log.append("events", [record(0, 600)]))[0]?.ok === true;
    },
    { appendTimeoutMs: 200, maxOutstandingBytes: 1000 },
  ));

test("batches end at their size, in order", () =>
  withBroker(
    script(),
    async (log, broker) => {
      const results = await log.append(
        "events",
        Array.from({ length: 10 }, () => record(1, 400)),
      );
      assert.deepEqual(results.map(offset), [...Array(10).keys()]);
      assert.ok(broker.sent.length >= 5, `${broker.sent.length} batches`);
    },
    { maxBatchBytes: 1000 },
  ));

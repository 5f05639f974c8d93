// Brokers that freeze: calls end in time, nothing acknowledged is lost, and all goes on after the thaw.
// It stops processes, so it runs only on brokers of its own: KAFKA_BROKER_PIDS names the processes of
// KAFKA_BOOTSTRAP in its order.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { AppendResult } from "@tandem/shared-logic";
import { readAll } from "@tandem/shared-logic/testing";
import { KafkaEventLog } from "../../src/kafka/kafka-event-log.ts";
import { brokers, freshTopic, TopicTool } from "./topics-of-test.ts";

const pids = (process.env["KAFKA_BROKER_PIDS"] ?? "").split(",").filter(Boolean).map(Number);
const skip = pids.length === brokers.length ? false : "KAFKA_BROKER_PIDS is not set";
const many = skip || (brokers.length >= 3 ? false : "there are fewer than three brokers");

const tool = new TopicTool();
after(() => tool.removeAll());

const signal = (name: "SIGSTOP" | "SIGCONT", of: readonly number[]) => {
  for (const pid of of) process.kill(pid, name);
};
const record = (partition: number, text: string) => ({
  partition,
  key: new Uint8Array(1),
  value: new TextEncoder().encode(text),
});

/** Writers of a partition each append until told to stop; who was acknowledged, and how long calls took. */
class Load {
  readonly acknowledged = new Map<string, { partition: number; offset: number }>();
  refused = 0;
  longestMs = 0;
  private readonly counts: number[];
  private stopping = false;
  private readonly done: Promise<unknown>;

  constructor(log: KafkaEventLog, topic: string, partitions: number) {
    this.counts = Array.from({ length: partitions }, () => 0);
    const writer = async (name: number) => {
      for (let i = 0; !this.stopping; i++) {
        const texts = Array.from({ length: 5 }, (_, k) => `${name} ${i} ${k}`);
        const began = performance.now();
        const results: readonly AppendResult[] = await log.append(
          topic,
          texts.map((t) => record(name % partitions, t)),
        );
        this.longestMs = Math.max(this.longestMs, performance.now() - began);
        for (const [i, result] of results.entries()) {
          if (!result.ok) this.refused++;
          else {
            this.acknowledged.set(texts[i] ?? "", result);
            this.counts[result.partition] = (this.counts[result.partition] ?? 0) + 1;
          }
        }
      }
    };
    this.done = Promise.all([0, 1, 2, 3, 4, 5].map(writer));
  }

  /** Once `more` further records were acknowledged in every partition. */
  async advance(more: number): Promise<void> {
    const enough = this.counts.map((count) => count + more);
    while (this.counts.some((count, p) => count < (enough[p] ?? 0))) {
      await new Promise((wake) => setTimeout(wake, 20));
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.done;
  }
}

async function check(load: Load, log: KafkaEventLog, topic: string, partitions: number) {
  const decoder = new TextDecoder();
  for (let p = 0; p < partitions; p++) {
    const found = new Map(
      (await readAll(log, topic, p)).map((r) => [r.offset, decoder.decode(r.value)]),
    );
    for (const [text, at] of load.acknowledged) {
      if (at.partition === p)
        assert.equal(found.get(at.offset), text, `offset ${at.offset} of ${p}`);
    }
  }
}

test("frozen brokers: every call ends in time, and what was acknowledged is there after", {
  skip,
}, async () => {
  const topic = tool.note(freshTopic());
  const log = new KafkaEventLog({ brokers, replication: Math.min(3, brokers.length) });
  await log.create(topic, 2);
  const load = new Load(log, topic, 2);
  try {
    await load.advance(200);
    signal("SIGSTOP", pids);
    const began = performance.now();
    await assert.rejects(log.ranges(topic), { code: "log_unavailable" });
    assert.ok(performance.now() - began < 6000, "ranges took too long");
    await log.waitFor(topic, 0, 1e9, 100);
    assert.ok(load.refused > 0, "nothing was refused");
    signal("SIGCONT", pids);
    await load.advance(200);
  } finally {
    signal("SIGCONT", pids);
    await load.stop();
  }
  assert.ok(load.longestMs < 2500, `an append took ${load.longestMs} ms`);
  await check(load, log, topic, 2);
  await log.close();
});

test("a frozen leader: others take over, nothing acknowledged is lost, thrice", {
  skip: many,
}, async (t) => {
  const topic = tool.note(freshTopic());
  const log = new KafkaEventLog({ brokers, replication: 3, minInsyncReplicas: 2 });
  await log.create(topic, 3);
  const load = new Load(log, topic, 3);
  try {
    for (const pid of pids) {
      await load.advance(300);
      signal("SIGSTOP", [pid]);
      // Every partition goes on once its leader is another.
      await load.advance(300);
      await log.ranges(topic);
      signal("SIGCONT", [pid]);
    }
    await load.advance(300);
  } finally {
    signal("SIGCONT", pids);
    await load.stop();
  }
  t.diagnostic(
    `${load.acknowledged.size} acknowledged, ${load.refused} refused, longest ${Math.round(load.longestMs)} ms`,
  );
  assert.ok(load.longestMs < 2500, `an append took ${load.longestMs} ms`);
  await check(load, log, topic, 3);
  await log.close();
});

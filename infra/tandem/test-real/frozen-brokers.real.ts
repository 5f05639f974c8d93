// Brokers that freeze or are killed, three of the test's own: calls end in time, nothing acknowledged is
// lost, all goes on after. KAFKA_FAULT_ROUNDS brokers are killed one after the other, 1 unless set.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { AppendResult } from "@tandem/shared-logic";
import { readAll } from "@tandem/shared-logic/testing";
import { type RunningServers, startServers } from "../../../servers/src/index.ts";
import { KafkaEventLog } from "../../src/kafka/kafka-event-log.ts";
import { freshTopic } from "./fresh-topic.ts";

const NAMES = ["kafka-1", "kafka-2", "kafka-3"];
const rounds = Number(process.env["KAFKA_FAULT_ROUNDS"] ?? 1);

let servers: RunningServers;
before(async () => {
  servers = await startServers({ which: ["kafka"], brokers: 3, ports: 0, say: () => undefined });
});
after(() => servers?.stop());

const openLog = () =>
  new KafkaEventLog({
    brokers: (servers.env["KAFKA_BOOTSTRAP"] ?? "").split(","),
    replication: 3,
    minInsyncReplicas: 2,
  });
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

test("frozen brokers: every call ends in time, and what was acknowledged is there after", async () => {
  const topic = freshTopic();
  const log = openLog();
  await log.create(topic, 2);
  const load = new Load(log, topic, 2);
  try {
    await load.advance(200);
    await servers.freeze(...NAMES);
    const began = performance.now();
    await assert.rejects(log.ranges(topic), { code: "log_unavailable" });
    assert.ok(performance.now() - began < 6000, "ranges took too long");
    await log.waitFor(topic, 0, 1e9, 100);
    assert.ok(load.refused > 0, "nothing was refused");
    await servers.thaw(...NAMES);
    await load.advance(200);
  } finally {
    await servers.thaw(...NAMES).catch(() => undefined);
    await load.stop();
  }
  assert.ok(load.longestMs < 2500, `an append took ${load.longestMs} ms`);
  await check(load, log, topic, 2);
  await log.close();
});

test("killed leaders: others take over and nothing acknowledged is lost", async (t) => {
  const topic = freshTopic();
  const log = openLog();
  await log.create(topic, 3);
  const load = new Load(log, topic, 3);
  try {
    for (let round = 0; round < rounds; round++) {
      const name = NAMES[round % NAMES.length] ?? "";
      await load.advance(300);
      await servers.kill(name);
      // Every partition goes on once its leader is another.
      await load.advance(300);
      await log.ranges(topic);
      await servers.start(name);
    }
    await load.advance(300);
  } finally {
    await load.stop();
  }
  t.diagnostic(
    `${load.acknowledged.size} acknowledged, ${load.refused} refused, longest ${Math.round(load.longestMs)} ms`,
  );
  assert.ok(load.longestMs < 2500, `an append took ${load.longestMs} ms`);
  await check(load, log, topic, 3);
  await log.close();
});

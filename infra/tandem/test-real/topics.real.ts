// The topics of copies on real Kafka: a collector and a speed worker as processes, and what whoever listens
// then finds in `late_events`, `dead_letters` and `aggregates`; and a foreign topic that is bridged in.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { copyTopic, KafkaEventLog } from "@tandem/adapters/kafka";
import { DAY_MS, NOTIFICATION_KINDS, type NotificationKind } from "@tandem/shared-logic";
import { readAll } from "@tandem/shared-logic/testing";
import { type Changes, freePorts, Installation } from "./installation.ts";

const main = (path: string): string =>
  fileURLToPath(new URL(`../../../${path}/main.ts`, import.meta.url));
const PARTITIONS = 2;
const installation = new Installation();
const running: ChildProcess[] = [];
let log: KafkaEventLog;
let [port, key, prefix, dataset] = [0, "", "", ""];
const configure = (more: Changes): string =>
  installation.configure({ collector: { port }, dataset: { partitions: PARTITIONS }, ...more });

before(async () => {
  [port = 0] = await freePorts(1);
  configure({});
  const done = installation.tandem(["setup"]);
  assert.equal(done.code, 0, done.err);
  key = installation.tandem(["keys", "create", "--tenant", "shop"]).out.trim();
  const { kafka } = JSON.parse(readFileSync(installation.file, "utf8")) as {
    kafka: { brokers: string[]; topicPrefix: string };
  };
  prefix = kafka.topicPrefix;
  configure({ bridge: { topic: `${prefix}foreign`, tenant: "orders" } });
  dataset = `${kafka.topicPrefix}events`;
  log = new KafkaEventLog({ brokers: kafka.brokers });
});
after(async () => {
  for (const child of running) child.kill("SIGKILL");
  await log?.close();
  installation.remove();
});

/** What it has written so far. */
async function start(path: string, ...words: string[]): Promise<() => string> {
  const child = spawn(process.execPath, [main(path), ...words, "--config", installation.file]);
  running.push(child);
  let lines = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      lines += chunk.toString();
    });
  while (!lines.includes(" ready: ")) {
    assert.equal(child.exitCode, null, lines);
    await pause(50);
  }
  return () => lines;
}

async function texts(topic: string): Promise<string[]> {
  const found: string[] = [];
  for (let p = 0; p < PARTITIONS; p++) {
    for (const { value } of await readAll(log, topic, p)) found.push(Buffer.from(value).toString());
  }
  return found;
}

const heard = async (kind: NotificationKind): Promise<Record<string, unknown>[]> =>
  (await texts(copyTopic(dataset, kind))).map((text) => JSON.parse(text));

/** Each process that runs ends in order. */
async function endAll(): Promise<void> {
  for (const child of running.splice(0)) {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null]);
  }
}

test("topics of copies get their messages, a trace reaches the view", {
  timeout: 180_000,
}, async () => {
  const [collected, folded] = await Promise.all([start("ingest", "collect"), start("speed-layer")]);
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const now = Date.now();
  const event = (event_id: string, ms: number) => ({
    event_id,
    event_type: "purchase",
    timestamp: new Date(ms).toISOString(),
    user_id: "ann",
    properties: { price: 2 },
  });
  const body = [event("now", now), event("late", now - DAY_MS), event("old", now - 4 * DAY_MS), {}];
  const answer = await fetch(`http://127.0.0.1:${port}/events`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
    },
    body: JSON.stringify(body),
  });
  const { accepted, rejected } = (await answer.json()) as { accepted: number; rejected: number };
  assert.deepEqual([accepted, rejected], [3, 1]);

  const until = performance.now() + 60_000;
  const enough = { late_events: 2, dead_letters: 1, aggregates: 3 };
  for (const kind of NOTIFICATION_KINDS) {
    while ((await heard(kind)).length < enough[kind]) {
      assert.ok(performance.now() < until, `${kind}: ${(await heard(kind)).length}`);
      await pause(100);
    }
  }
  const late = await heard("late_events");
  assert.deepEqual(
    late.map((copy) => [(copy["event"] as { event_id: string }).event_id, copy["tooLate"]]),
    [
      ["late", false],
      ["old", true],
    ],
  );
  const [letter] = await heard("dead_letters");
  assert.deepEqual([letter?.["tenant"], letter?.["text"]], ["shop", "{}"]);
  const cells = await heard("aggregates");
  assert.ok(cells.some((cell) => cell["metric"] === "purchases" && cell["tenant"] === "shop"));
  const linesOf = (text: string) => text.split("\n").filter((line) => line.includes(traceId));
  const [answered = "{}"] = linesOf(collected());
  assert.equal(JSON.parse(answered).msg, "answered");
  const visible = linesOf(folded()).map((line) => JSON.parse(line));
  assert.deepEqual(
    visible.map(({ msg, traceId: id, offset, to }) => [msg, id, offset < to]),
    [["visible", traceId, true]],
  );
  await endAll();
});

test("a foreign topic is bridged in, also across a kill -9", { timeout: 180_000 }, async () => {
  const missing = await installation.layer(main("ingest"), ["bridge"]);
  assert.equal(missing.code, 1);
  assert.match(missing.err, /^tandem bridge: bridge\.topic.*no topic.*$/m);
  // What Cassandra here may lose is told at the start, once.
  assert.equal(missing.err.match(/commitlog_sync is periodic/g)?.length, 1);
  const foreign = `${prefix}foreign`;
  await log.create(foreign, 2);
  const put = async (from: number, count: number) => {
    const records = Array.from({ length: count }, (_, i) => {
      const timestamp = new Date().toISOString();
      const event = {
        event_id: `f${from + i}`,
        event_type: "order",
        timestamp,
        user_id: `u${i % 7}`,
      };
      const value = new TextEncoder().encode(JSON.stringify(event));
      return { partition: i % 2, key: new Uint8Array(0), value };
    });
    const results = await log.append(foreign, [
      ...records,
      { partition: 0, key: new Uint8Array(0), value: new TextEncoder().encode("no json") },
    ]);
    assert.ok(results.every(({ ok }) => ok));
  };
  const until = performance.now() + 90_000;
  const bridged = async (count: number) => {
    for (;;) {
      const found = (await texts(dataset)).map((text) => /"event_id":"(f\d+)"/.exec(text)?.[1]);
      if (new Set(found.filter((id) => id !== undefined)).size === count) return;
      assert.ok(performance.now() < until, `${found.length} of ${count}`);
      await pause(100);
    }
  };
  const rejected = async (count: number) => {
    for (;;) {
      const letters = (await heard("dead_letters")).filter(({ tenant }) => tenant === "orders");
      assert.ok(letters.every(({ text }) => text === "no json"));
      if (letters.length >= count) return;
      assert.ok(performance.now() < until, `${letters.length} of ${count} dead letters`);
      await pause(100);
    }
  };
  await put(0, 500);
  await start("ingest", "bridge");
  await bridged(500);
  // A copy that is under way dies with its process.
  await rejected(1);
  await put(500, 500);
  for (const child of running.splice(0)) {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
  await start("ingest", "bridge");
  await bridged(1000);
  await rejected(2);
  await endAll();
});

// The topics of copies on real Kafka: a collector and a speed worker as processes, and what whoever listens
// then finds in `late_events`, `dead_letters` and `aggregates`.
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
import { freePorts, Installation } from "./installation.ts";

const main = (path: string): string =>
  fileURLToPath(new URL(`../../../${path}/main.ts`, import.meta.url));
const PARTITIONS = 2;
const installation = new Installation();
const running: ChildProcess[] = [];
let log: KafkaEventLog;
let [port, key, dataset] = [0, "", ""];

before(async () => {
  [port = 0] = await freePorts(1);
  installation.configure({ collector: { port }, dataset: { partitions: PARTITIONS } });
  const done = installation.tandem(["setup"]);
  assert.equal(done.code, 0, done.err);
  key = installation.tandem(["keys", "create", "--tenant", "shop"]).out.trim();
  const { kafka } = JSON.parse(readFileSync(installation.file, "utf8")) as {
    kafka: { brokers: string[]; topicPrefix: string };
  };
  dataset = `${kafka.topicPrefix}events`;
  log = new KafkaEventLog({ brokers: kafka.brokers });
});
after(async () => {
  for (const child of running) child.kill("SIGKILL");
  await log?.close();
  installation.remove();
});

async function start(path: string, ...words: string[]): Promise<void> {
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
}

async function heard(kind: NotificationKind): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for (let p = 0; p < PARTITIONS; p++) {
    for (const { value } of await readAll(log, copyTopic(dataset, kind), p))
      found.push(JSON.parse(Buffer.from(value).toString()));
  }
  return found;
}

test("each topic of copies gets its messages", { timeout: 180_000 }, async () => {
  await Promise.all([start("ingest", "collect"), start("speed-layer")]);
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
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
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

  for (const child of running) {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null]);
  }
});

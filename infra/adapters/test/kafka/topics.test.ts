// What the topics of a dataset are, and notifications on a log that works, refuses or hangs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type EventLog, epochMs } from "@tandem/shared-logic";
import { readAll } from "@tandem/shared-logic/testing";
import { LogNotifications } from "../../src/kafka/log-notifications.ts";
import { copyTopic, topicsOf } from "../../src/kafka/topics.ts";
import { HandClock } from "../../src/memory/hand-clock.ts";
import { MemoryEventLog } from "../../src/memory/memory-event-log.ts";

test("a dataset has a topic of records for 7 days and three of copies", () => {
  const topics = topicsOf({ dataset: "events", partitions: 6, replication: 3 });
  const days = (ms: string | undefined) => Number(ms) / 86_400_000;
  assert.deepEqual(
    topics.map(({ role, name, config }) => [role, name, days(config["retention.ms"])]),
    [
      ["records", "events", 7],
      ["late_events", "events.late_events", 14],
      ["dead_letters", "events.dead_letters", 14],
      ["aggregates", "events.aggregates", 1],
    ],
  );
  for (const { config, partitions, replication } of topics) {
    assert.deepEqual([partitions, replication, config["min.insync.replicas"]], [6, 3, "2"]);
  }
});

test("one broker is enough for one copy, and 0 keeps records for ever", () => {
  const [records] = topicsOf({ dataset: "events", partitions: 1, retentionMs: 0 });
  assert.equal(records?.config["min.insync.replicas"], "1");
  assert.equal(records?.config["retention.ms"], "-1");
});

const bytes = (text: string) => new TextEncoder().encode(text);

async function withLog(log: EventLog, maxWaitingBytes = 1 << 20) {
  const clock = new HandClock(epochMs(0));
  const datasetOf = (kind: Parameters<typeof copyTopic>[1]) => copyTopic("events", kind);
  const notes = new LogNotifications({ log, clock, datasetOf, maxWaitingBytes });
  return { notes, clock };
}

test("notes arrive by key in order, from copies taken at once", async () => {
  const log = new MemoryEventLog();
  await log.create("events.aggregates", 1);
  const { notes, clock } = await withLog(log);
  const value = bytes("0");
  for (let i = 0; i < 5; i++) {
    value[0] = 48 + i;
    notes.publish("aggregates", bytes("key"), value);
  }
  const closing = notes.close();
  await clock.advance(20);
  await closing;
  const texts = (await readAll(log, "events.aggregates", 0)).map((r) =>
    new TextDecoder().decode(r.value),
  );
  assert.deepEqual(texts, ["0", "1", "2", "3", "4"]);
  notes.publish("aggregates", bytes("key"), value);
  assert.deepEqual(notes.dropped, { late_events: 0, dead_letters: 0, aggregates: 1 });
});

test("a log that is not there, refuses or hangs costs a count and bounded memory", async () => {
  const log = new MemoryEventLog();
  const { notes, clock } = await withLog(log);
  notes.publish("late_events", bytes("key"), bytes("no such dataset"));
  const closing = notes.close();
  await clock.advance(20);
  await closing;
  assert.equal(notes.dropped.late_events, 1);

  await log.create("events.dead_letters", 1);
  log.append = () => new Promise(() => undefined);
  const hanging = await withLog(log, 1000);
  for (let i = 0; i < 100; i++) hanging.notes.publish("dead_letters", bytes("k"), bytes("v"));
  assert.equal(hanging.notes.dropped.dead_letters, 100 - Math.floor(1000 / 66));
  const late = hanging.notes.close();
  await hanging.clock.advance(3000);
  await late;
});

// What the collector tells listeners: accepted events of ended days and whatever it rejected; and that a
// listener that fails or hangs changes nothing for the sender.
import assert from "node:assert/strict";
import { test } from "node:test";
import { HandClock, MemoryEventLog, memoryDeadLetters } from "@tandem/adapters/memory";
import { copiedDeadLetters } from "@tandem/adapters/stack";
import {
  COLLECTOR_LIMITS,
  collectorCounters,
  createAcceptor,
  type EventSink,
} from "@tandem/ingest";
import { type DeadLetters, epochMs, type Notifications, TandemError } from "@tandem/shared-logic";
import { listeners, TROUBLES } from "./listeners.ts";

const NOW = epochMs(Date.UTC(2026, 2, 5, 0, 10));
const BODY = [
  ["today", "2026-03-05T00:00:00Z"],
  ["yesterday", "2026-03-04T23:59:59Z"],
  ["too-late", "2026-03-01T12:00:00Z"],
].map(([id, timestamp]) =>
  JSON.stringify({ event_id: id, event_type: "view", timestamp, user_id: "ann" }),
);

async function acceptorWith(
  clock: HandClock,
  notifications: Notifications,
  ports: { log?: (real: EventSink) => EventSink; letters?: Pick<DeadLetters, "add"> } = {},
) {
  const log = new MemoryEventLog(clock);
  await log.create("events", 4);
  const kept = memoryDeadLetters(clock);
  const acceptor = createAcceptor({
    log: ports.log ? ports.log(log) : log,
    dataset: "events",
    deadLetters: copiedDeadLetters(ports.letters ?? kept, notifications),
    clock,
    limits: COLLECTOR_LIMITS,
    counters: collectorCounters(),
    notifications,
  });
  const send = (lines: readonly string[], mode: "live" | "import" = "live") =>
    acceptor.accept({ body: Buffer.from(lines.join("\n")), tenant: 'a"b', mode });
  return { send, acceptor, kept };
}

test("events of ended days are copied as they came, under their own key, once durable", async () => {
  const clock = new HandClock(NOW);
  const { notifications, heard } = await listeners(clock);
  const { send } = await acceptorWith(clock, notifications);
  assert.equal((await send(BODY))?.accepted, 3);
  const copies = await heard("late_events");
  assert.deepEqual(
    copies.map(({ value }) => value),
    [BODY[1], BODY[2]].map((line, i) => ({
      tenant: 'a"b',
      receivedMs: NOW,
      timeMs: Date.parse(JSON.parse(line ?? "").timestamp),
      tooLate: i === 1,
      event: JSON.parse(line ?? ""),
    })),
  );
  assert.equal(new Set(copies.map(({ key }) => key)).size, 1);
  assert.match(copies[0]?.key ?? "", /ann/);
  await send(BODY, "import");
  assert.equal((await heard("late_events")).length, 2, "what is imported is not late");
});

test("what the log did not take is not announced", async () => {
  const clock = new HandClock(NOW);
  const { notifications, heard } = await listeners(clock);
  const { send } = await acceptorWith(clock, notifications, {
    log: (real) => ({
      partitions: (dataset) => real.partitions(dataset),
      append: async (_, records) =>
        records.map((_, i) =>
          i === 1
            ? { ok: false, error: new TandemError("log_unavailable") }
            : { ok: true, offset: i, partition: 0 },
        ),
    }),
  });
  assert.equal((await send(BODY))?.retry, 1);
  assert.deepEqual(
    (await heard("late_events")).map(({ value }) => value.event.event_id),
    ["too-late"],
  );
});

test("what was rejected is copied as the store keeps it, whether or not the store works", async () => {
  const clock = new HandClock(NOW);
  const { notifications, heard } = await listeners(clock);
  const long = `{"event_id":"x","pad":"${"p".repeat(100_000)}"}`;
  const letters = { add: () => Promise.reject(new TandemError("store_unavailable")) };
  for (const ports of [{}, { letters }]) {
    const { send, acceptor } = await acceptorWith(clock, notifications, ports);
    assert.equal((await send(["{}", long]))?.rejected, 2);
    await acceptor.keepBody(Buffer.from([0xff, 0x00]), "bad_encoding", "shop");
  }
  const copies = await heard("dead_letters");
  assert.deepEqual(
    copies.map(({ key, value }) => [key, value.reason, value.eventBytes]),
    [0, 1].flatMap(() => [
      ['a"b', copies[0]?.value.reason, 2],
      ['a"b', copies[1]?.value.reason, long.length],
      ["shop", "bad_encoding", 2],
    ]),
  );
  assert.equal(copies[0]?.value.text, "{}");
  assert.ok(copies[0]?.value.problems.length > 0);
  assert.equal(copies[1]?.value.text.length, 65_536);
  assert.equal(copies[2]?.value.base64, "/wA=");
  assert.deepEqual(notifications.dropped, { late_events: 0, dead_letters: 0, aggregates: 0 });
});

for (const [trouble, append] of Object.entries(TROUBLES)) {
  test(`a listener's log that ${trouble} delays no answer, and costs bounded memory and a count`, async () => {
    const clock = new HandClock(NOW);
    const { notifications, log, heard } = await listeners(clock, 2000);
    log.append = append;
    const { send, kept } = await acceptorWith(clock, notifications);
    for (let i = 0; i < 50; i++) {
      // The clock stands still: an answer that waited for a copy would never come.
      const { accepted, rejected } = (await send([...BODY, "{}"])) ?? {};
      assert.deepEqual([accepted, rejected], [3, 1]);
      if (i === 25) await clock.advance(20);
    }
    assert.equal((await kept.count()).entries, 50);
    await heard("late_events");
    const { late_events, dead_letters } = notifications.dropped;
    assert.ok(late_events + dead_letters > 100, JSON.stringify(notifications.dropped));
    if (trouble !== "hangs") assert.deepEqual([late_events, dead_letters], [100, 50]);
    const closing = notifications.close();
    await clock.advance(1000);
    await closing;
  });
}

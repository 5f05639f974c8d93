// How often a worker flushes while it reads full batches: as ever where the records are new, for a busy partition gives
// full batches to a worker that is up with it; hardly where they are old, at once where they are very old.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ColumnScanner, catalogue, type EpochMs, fieldsOfAll } from "@tandem/shared-logic";
import { SpeedWorker } from "@tandem/speed-layer";
import { DATASET, Stage } from "../stories/stage.ts";

const EVENTS = 60;
const metrics = catalogue.filter((m) => m.name === "events");

/**
 * How many flushes there were when each batch was read, of a worker that opens `ageMs` after all were received and takes
 * `readMs` for each.
 */
async function flushesByRead(
  ageMs: number,
  readMs = 50,
  before: readonly Uint8Array[] = [],
): Promise<number[]> {
  const stage = await Stage.at("2026-03-02T10:00:00Z", metrics);
  const key = new Uint8Array(0);
  await stage.ports.log.append(
    DATASET,
    before.map((value) => ({ partition: 0, key, value })),
  );
  for (let i = 0; i < EVENTS; i++)
    await stage.send({ id: `e${i}`, at: "2026-03-02T09:10:00Z", user: "ann" });
  const { log } = stage.ports;
  const whole = await log.read(DATASET, 0, 0, 1 << 20);
  // Two records a batch, so that each is full.
  const readBytes = Math.floor((2.5 * whole.bytes.length) / whole.count);
  let nowMs = stage.clock.now() + ageMs;
  let flushes = 0;
  const byRead: number[] = [];
  const ports = {
    ...stage.ports,
    clock: { now: () => nowMs as EpochMs, sleep: () => Promise.resolve() },
    log: Object.assign(Object.create(log) as typeof log, {
      read: (...asked: Parameters<typeof log.read>) => {
        nowMs += readMs;
        byRead.push(flushes);
        return log.read(...asked);
      },
    }),
    onFlush: () => {
      flushes++;
    },
  };
  const place = { dataset: DATASET, partition: 0, owner: "w" };
  const scanner = new ColumnScanner(fieldsOfAll(metrics));
  const worker = new SpeedWorker(ports, place, metrics, scanner, { readBytes });
  await worker.open();
  await worker.catchUp();
  assert.ok(byRead.length >= EVENTS / 2, "full batches are small ones here");
  return byRead;
}

test("records that are new are shown soon, however many full batches there are", async () => {
  const byRead = await flushesByRead(0);
  // 100 ms are two reads.
  for (const [i, flushes] of byRead.entries()) assert.ok(flushes >= Math.floor(i / 2) - 1, `${i}`);
});

test("of records that are some seconds old a worker flushes rarely once it has read many", async () => {
  const byRead = await flushesByRead(20_000);
  assert.ok((byRead[15] ?? 0) >= 6, "it does not know yet");
  assert.ok((byRead.at(-1) ?? 0) <= (byRead[15] ?? 0) + 1, "then it does");
});

test("of records that are old it flushes rarely from the first full batch on", async () => {
  const byRead = await flushesByRead(3_600_000);
  assert.equal(byRead.at(-1), 0);
});

test("of records that are older still it flushes more rarely still, up to a checkpoint's time", async () => {
  // 30 reads are 12 s: two pauses of 5 s, but not one of 15.
  assert.equal((await flushesByRead(90_000, 400)).at(-1), 2);
  assert.equal((await flushesByRead(3_600_000, 400)).at(-1), 0);
  // More than 30 s are two of them.
  assert.equal((await flushesByRead(3_600_000, 1000)).at(-1), 2);
});

test("a foreign record from the future does not make old ones look new", async () => {
  const ahead =
    '{"event_id":"f","event_type":"x","timestamp":"2036-03-02T10:00:00Z","user_id":"ann"}';
  const before = [new TextEncoder().encode(ahead)];
  // Its own batch does, once.
  assert.ok(((await flushesByRead(3_600_000, 50, before)).at(-1) ?? 0) <= 1);
});

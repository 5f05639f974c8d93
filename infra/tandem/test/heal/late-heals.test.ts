// Late events heal by themselves: debounced, finally after 72 h + 1 h, the most wrong and most asked for first;
// not while switched off, not what came later than that, not past failing audits, and past what is damaged.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryJobQueue } from "@tandem/adapters/memory";
import { parquetCodec } from "@tandem/adapters/parquet";
import { type Archive, dueAt, lateDays, priorityOf, startSchedule } from "@tandem/batch-layer";
import { Archiver } from "@tandem/ingest";
import { AskedDays, addedUp } from "@tandem/serving";
import {
  askedKey,
  type Clock,
  catalogue,
  count,
  type EpochMs,
  HOUR_MS,
  type ManifestEntry,
  type Metric,
  MINUTE_MS,
  metric,
  TandemError,
  type UtcDay,
} from "@tandem/shared-logic";
import { DATASET, dayNamed, exactly, instant, Stage, told } from "../stories/stage.ts";
import { Healer } from "./heal-stage.ts";

const DAY = "2026-03-02";
const events = catalogue.filter((m) => m.name === "events");

/** A stage whose batch schedule runs. */
async function scheduled(metrics: readonly Metric[]) {
  const stage = await Stage.at(`${DAY}T10:00:00Z`, metrics);
  const archiver = new Archiver({
    ...stage.ports,
    ...{ codec: parquetCodec, dataset: DATASET, partition: 0, genesis: 0 },
  });
  // Whoever waits for the archive gets it.
  const clock: Clock = {
    now: () => stage.clock.now(),
    sleep: async () => void (await archiver.step()),
  };
  const healer = new Healer(stage, metrics, stage.ports.views, clock);
  const errors: unknown[] = [];
  const queue = new MemoryJobQueue({
    clock: stage.clock,
    onThrow: (_, error) => errors.push(error),
  });
  const stopped = new AbortController();
  const stop = await startSchedule({
    ...stage.ports,
    queue,
    batch: healer.batch,
    heals: healer.heals,
    dataset: DATASET,
    metrics,
    signal: stopped.signal,
    onError: (error) => errors.push(error),
  });
  const until = async (at: string): Promise<void> => {
    while (stage.clock.now() < instant(at)) {
      await stage.clock.advance(Math.min(10 * MINUTE_MS, instant(at) - stage.clock.now()));
      await archiver.step();
      // Runs that were set off go on without the clock.
      for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await stage.fold();
  };
  const close = async (): Promise<void> => {
    stopped.abort();
    await stop();
    await queue.close();
  };
  const flips = async (day: string): Promise<string[]> =>
    ((await stage.ledger(day)).flips ?? []).map((f) => `${f.by} ${f.did}`);
  return { stage, healer, until, close, flips, errors };
}

test("a late event is shown at once and healed soon; off, and after 73 hours, only on demand", async () => {
  const { stage, healer, until, close, flips, errors } = await scheduled(events);
  await stage.send({ id: "a", at: `${DAY}T09:59:00Z` });
  await until("2026-03-03T00:20:00Z");
  assert.deepEqual(await flips(DAY), ["batch publish"]);

  await until("2026-03-03T05:00:00Z");
  await stage.send({ id: "b", at: `${DAY}T12:00:00Z` });
  await stage.fold();
  const pending = { layer: "both", late_pending: 1 };
  assert.deepEqual(told(await stage.day("events", DAY)), exactly(2, pending));
  await until("2026-03-03T06:40:00Z");
  assert.deepEqual(await flips(DAY), ["batch publish", "auto heal"]);
  assert.deepEqual(told(await stage.day("events", DAY)), exactly(2));

  await healer.heals.setAuto(false, { by: "ann" });
  await stage.send({ id: "c", at: `${DAY}T12:00:00Z` });
  // Neither a heal nor the next day's seal takes it in.
  await until("2026-03-04T00:20:00Z");
  assert.equal((await flips(DAY)).length, 2);
  assert.deepEqual(await flips("2026-03-03"), []);
  assert.deepEqual(told(await stage.day("events", DAY)), exactly(3, pending));
  const [queued] = await healer.heals.queued();
  assert.deepEqual([queued?.late.day, queued?.late.pending, queued?.due], [dayNamed(DAY), 1, true]);
  await healer.heals.setAuto(true, { by: "ann" });
  await until("2026-03-04T00:40:00Z");
  assert.equal((await flips(DAY)).length, 3);

  // The last moment, and then too late.
  await until("2026-03-05T23:50:00Z");
  await stage.send({ id: "d", at: `${DAY}T23:59:00Z` });
  await until("2026-03-06T01:30:00Z");
  assert.equal((await flips(DAY)).length, 4);
  await stage.send({ id: "e", at: `${DAY}T13:00:00Z` });
  await until("2026-03-06T05:00:00Z");
  assert.equal((await flips(DAY)).length, 4);
  const unchecked = { low: 4, exact: false, unchecked: 1 };
  assert.deepEqual(told(await stage.day("events", DAY)), exactly(5, { ...pending, ...unchecked }));
  const [later] = await healer.heals.queued();
  assert.deepEqual([later?.late.day, later?.dueMs], [dayNamed(DAY), undefined]);
  await close();
  await healer.heal(DAY);
  await stage.fold();
  assert.deepEqual(told(await stage.day("events", DAY)), exactly(5));
  assert.deepEqual(errors, []);
});

test("days whose archive is damaged are named and let the others overtake; repaired, they heal", async () => {
  const days = ["2026-03-02", "2026-03-03", "2026-03-04"];
  const { stage, until, close, flips, errors } = await scheduled(events);
  await until("2026-03-02T00:10:00Z");
  for (const day of days) {
    await until(`${day}T12:00:00Z`);
    await stage.send({ id: `on time ${day}`, at: `${day}T11:59:00Z` });
  }
  await until("2026-03-05T00:30:00Z");
  // The two that are the most wrong, and so the first in the queue.
  const damaged = new Map<string, Uint8Array>();
  const { objects } = stage.ports;
  const [entries = []] = (await stage.batch.archive()).manifest;
  for (const e of entries) {
    if (!days.slice(0, 2).some((d) => e.days[dayNamed(d)])) continue;
    damaged.set(e.object, (await objects.get(e.object)) ?? new Uint8Array(0));
    await objects.remove(e.object);
  }
  assert.ok(damaged.size >= 2);
  for (const [i, day] of days.entries())
    for (let n = 0; n < 5 - 2 * i; n++)
      await stage.send({ id: `late ${day} ${n}`, at: `${day}T13:00:00Z` });
  await until("2026-03-05T02:30:00Z");
  const seen = await Promise.all(days.map(flips));
  assert.deepEqual(seen, [["batch publish"], ["batch publish"], ["batch publish", "auto heal"]]);
  assert.ok(errors.length >= 2);
  for (const e of errors) assert.ok(e instanceof TandemError && e.code === "object_missing");
  for (const [key, bytes] of damaged) await objects.putIfAbsent(key, bytes);
  await until("2026-03-05T04:00:00Z");
  for (const [i, day] of days.entries()) {
    assert.deepEqual(await flips(day), ["batch publish", "auto heal"]);
    assert.deepEqual(told(await stage.day("events", day)), exactly(6 - 2 * i));
  }

  // A day that is to be sealed for the first time is looked at again until it can be.
  errors.length = 0;
  await stage.send({ id: "today", at: "2026-03-05T04:00:00Z" });
  await until("2026-03-05T06:00:00Z");
  const today = dayNamed("2026-03-05");
  const object = (await stage.batch.archive()).manifest.flat().find((e) => e.days[today]);
  const bytes = (await objects.get(object?.object ?? "")) ?? new Uint8Array(0);
  await objects.remove(object?.object ?? "");
  await until("2026-03-06T00:20:00Z");
  assert.deepEqual(await flips("2026-03-05"), []);
  assert.ok(
    errors.some((e) =>
      /^1 days.*: 2026-03-05: .*object_missing archive/.test(
        `${e instanceof Error ? e.message : e}`,
      ),
    ),
  );
  await objects.putIfAbsent(object?.object ?? "", bytes);
  await until("2026-03-06T00:40:00Z");
  assert.deepEqual(await flips("2026-03-05"), ["batch publish"]);
  await close();
});

test("a heal whose audits fail is told once, and again when more comes", async () => {
  const strict = metric({
    ...{ name: "few", title: "Few", unit: "events", version: 1, examples: [] },
    reducer: count({ grains: ["hour"] }),
    expect: { max: "1" },
  });
  const { stage, until, close, flips, errors } = await scheduled([strict]);
  await stage.send({ id: "a", at: `${DAY}T09:30:00Z` });
  await until("2026-03-03T01:00:00Z");
  await stage.send({ id: "b", at: `${DAY}T09:40:00Z` });
  await until("2026-03-03T04:00:00Z");
  assert.deepEqual(await flips(DAY), ["batch publish"]);
  const refused = (e: unknown): boolean => e instanceof TandemError && e.code === "heal_refused";
  assert.deepEqual(errors.map(refused), [true]);
  await stage.send({ id: "c", at: `${DAY}T09:40:00Z` });
  await until("2026-03-03T07:00:00Z");
  assert.deepEqual(errors.map(refused), [true, true]);
  await close();
});

const entry = (from: number, days: Record<string, number>, receivedMs: number): ManifestEntry => ({
  ...{ dataset: DATASET, partition: 0, object: "o", sizeBytes: 1, sha256: "" },
  ...{
    from,
    to: from + 10,
    events: 10,
    cuts: 0,
    dead: 0,
    days,
    sentDays: days,
    receivedMs,
    seq: 1,
  },
});

test("due after a quiet while, at the latest when it waited long enough; priority by wrong times asked", () => {
  const [fp] = events.map((m) => m.fingerprint);
  assert.ok(fp);
  const day = 10 as UtcDay;
  const at = (hours: number): EpochMs => ((day + 1) * 24 * HOUR_MS + hours * HOUR_MS) as EpochMs;
  const facts = (entries: ManifestEntry[]): Parameters<typeof lateDays>[0] => ({
    archive: { genesis: [0], manifest: [entries] } satisfies Archive,
    cutRow: {
      seq: 1,
      activates: [],
      retires: [],
      done: true,
      activatedAt: { [fp]: 0 },
      retired: [],
    },
    days: new Map([[day, { entries: { [fp]: { run: "r", v: [10] } }, selectable: {} }]]),
    metrics: events,
    today: (day + 9) as UtcDay,
  });
  const first = entry(0, { 10: 10 }, at(0));
  assert.deepEqual(lateDays(facts([first])), []);
  assert.deepEqual(lateDays(facts([first, entry(10, { 11: 10 }, at(1))])), []);

  const [late] = lateDays(
    facts([first, entry(10, { 10: 2, 11: 8 }, at(1)), entry(20, { 10: 1 }, at(2))]),
  );
  assert.ok(late);
  assert.deepEqual([late.pending, late.inTime, late.events], [3, 3, 13]);
  assert.equal(dueAt(late), at(2) + 10 * MINUTE_MS);
  assert.equal(dueAt({ ...late, lastMs: at(50) }), at(1 + 6));
  assert.equal(dueAt({ ...late, firstMs: at(72.9), lastMs: at(72.9) }), at(73));

  const [mixed] = lateDays(
    facts([first, entry(10, { 10: 2 }, at(1)), entry(20, { 10: 5 }, at(80))]),
  );
  assert.deepEqual([mixed?.pending, mixed?.inTime], [7, 2]);
  const [tooLate] = lateDays(facts([first, entry(20, { 10: 5 }, at(80))]));
  assert.equal(tooLate && dueAt(tooLate), undefined);

  assert.ok(priorityOf({ ...late, pending: 6 }, 0) > priorityOf(late, 0));
  assert.ok(priorityOf(late, 9) > priorityOf({ ...late, pending: 6 }, 1));
});

test("days asked for are counted together by all servers, and fade", async () => {
  const stage = await Stage.at(`${DAY}T10:00:00Z`, events);
  const day = dayNamed(DAY);
  const servers = [0, 1].map(() => new AskedDays(stage.ports.views, DATASET, stage.clock));
  for (const server of servers) {
    server.note([day]);
    server.note([day]);
    await server.flush();
  }
  const row = JSON.parse((await stage.ports.views.ledger(askedKey(DATASET)))?.value ?? "{}");
  assert.equal(row.days[day], 4);
  const later = (row.at + 48 * HOUR_MS) as EpochMs;
  assert.deepEqual(addedUp(row, new Map([[3 as UtcDay, 1]]), later).days, { 3: 1, [day]: 1 });
});

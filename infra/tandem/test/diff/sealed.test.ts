// What batch has sealed of two versions, and the archive beneath it: identical days, the event that makes the
// difference byte for byte as it was sent, and differences that are of late events and not of the versions.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ComparedDay,
  diffDays,
  differingEvents,
  highestOf,
  readTheSame,
} from "@tandem/batch-layer";
import { type Metric, perUser, sessions } from "@tandem/shared-logic";
import { DATASET, dayNamed, type Stage, TENANT } from "../stories/stage.ts";
import { clicks, DAYS, fiveDays, TODAY, V1, V2 } from "../versions/clicks.ts";

type Two = readonly [Metric, Metric];

async function compared(stage: Stage, metrics: Two): Promise<ComparedDay[]> {
  const days: ComparedDay[] = [];
  const request = { dataset: DATASET, tenant: TENANT };
  for await (const day of diffDays(stage.ports, request, metrics)) days.push(day);
  return days;
}

async function search(stage: Stage, metrics: Two, { day, v }: ComparedDay) {
  const archive = await stage.batch.archive();
  const ports = { ...stage.ports, ...stage.unitPorts };
  return differingEvents(ports, { archive, below: highestOf(v), day, tenant: TENANT }, metrics);
}

test("a version that counts taps too differs on every day, by one event of each", async () => {
  const stage = await fiveDays();
  await stage.restart([V1, V2]);
  await stage.seal();
  const days = await compared(stage, [V1, V2]);
  assert.equal(days.length, 5);
  assert.deepEqual(days[4]?.runs[0], undefined);
  assert.equal(days[4]?.differing, undefined);
  const archive = await stage.batch.archive();
  for (const [i, day] of days.slice(0, 4).entries()) {
    assert.ok(readTheSame(archive, day, [V1, V2]));
    assert.deepEqual(
      day.differing?.map((c) => [c.grain, c.before, c.after]),
      [
        ["day", "2", "3"],
        ["minute", "2", "3"],
      ],
    );
    const found = await search(stage, [V1, V2], day);
    assert.deepEqual([found.found, found.minimal, found.of], [true, true, 3]);
    const at = `${DAYS[i]}T11:00:00Z`;
    const event = { event_id: `${DAYS[i]}c`, event_type: "tap", timestamp: at, user_id: "ann" };
    assert.deepEqual(found.events, [JSON.stringify(event)]);
  }
});

test("versions that differ in words are identical; other reducers are compared by whole days", async () => {
  const stage = await fiveDays();
  const words = clicks(2, { where: V1.where as never, title: "Taps", unit: "taps" });
  const other = clicks(3, { reducer: perUser(sessions()) });
  await stage.restart([V1, words, other]);
  await stage.seal({ includeOpen: true });
  const same = await compared(stage, [V1, words]);
  assert.deepEqual(
    same.map((d) => d.differing),
    [[], [], [], [], []],
  );
  // Two clicks, and a session each of Ann and Bob.
  const days = await compared(stage, [V1, other]);
  assert.deepEqual(
    days.map((d) => d.differing),
    [[], [], [], [], []],
  );
  const third = await compared(stage, [V2, other]);
  assert.deepEqual(
    third.map((d) => d.runs[0]),
    [undefined, undefined, undefined, undefined, undefined],
  );
});

test("what differs because one run has read late events is told apart", async () => {
  const stage = await fiveDays();
  const words = clicks(2, { where: V1.where as never, title: "Taps" });
  await stage.until(`${TODAY}T13:00:00Z`);
  const [day = ""] = DAYS;
  await stage.send({ id: "late", at: `${day}T12:00:00Z`, type: "click" });
  await stage.fold();
  await stage.restart([V1, words]);
  await stage.seal({ onlyUnsealed: true });
  const [first, ...others] = await compared(stage, [V1, words]);
  assert.ok(first && first.day === dayNamed(day));
  assert.ok((first.differing?.length ?? 0) > 0);
  const archive = await stage.batch.archive();
  assert.equal(readTheSame(archive, first, [V1, words]), false);
  assert.ok(others.slice(0, 3).every((d) => readTheSame(archive, d, [V1, words])));
  const found = await search(stage, [V1, words], first);
  assert.deepEqual([found.found, found.of, found.events], [false, 4, []]);
  await stage.seal();
  assert.deepEqual((await compared(stage, [V1, words]))[0]?.differing, []);
});

// Replays: what is sound is identical, what was edited or damaged differs by just that much, nobody sees a catalogue
// before it is promoted, a promote flips a day at once or not at all, and it is taken back as a heal is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { QueryEngine } from "@tandem/serving";
import {
  formatDay,
  type Metric,
  seededRandom,
  TandemError,
  type UtcDay,
} from "@tandem/shared-logic";
import {
  DAYS,
  entriesOf,
  eventsOf,
  fsck,
  LIMITS,
  METRICS,
  sealedStage,
  shown,
} from "../fsck/fsck-stage.ts";
import { Healer } from "../heal/heal-stage.ts";
import { DATASET, dayNamed, Stage, TENANT } from "../stories/stage.ts";
import {
  compare,
  editArchive,
  editRows,
  keysOf,
  ofDay,
  promote,
  replaysOf,
  start,
} from "./replay-stage.ts";

const [FIRST = "", DAY = "", LAST = ""] = DAYS;
const named = (name: string): Metric => METRICS.find((m) => m.name === name) as Metric;

async function inCatalogue(stage: Stage, name: string, metric: string, day: string) {
  const side = await replaysOf(stage).portsOf(name);
  assert.ok(side);
  const engine = new QueryEngine({ ...stage.ports, ...side, metrics: METRICS, dataset: DATASET });
  const until = formatDay((dayNamed(day) + 1) as UtcDay);
  const result = await engine.query({ from: day, until, grain: "day" }, metric, TENANT);
  assert.ok(result.ok, JSON.stringify(result));
  return result.answer.points[0];
}

/** Half of the day's cells of "seen" are gone. */
const halved = (stage: Stage) =>
  editRows(stage, DAY, named("seen"), (rows) => rows.filter((_, i) => i % 2 === 0));

test("from either source: identical, byte for byte; seen by nobody; started again it rebuilds nothing", async () => {
  for (const source of ["archive", "topic"] as const) {
    const stage = await sealedStage(seededRandom(1), 12);
    const before = { shown: await shown(stage), keys: await keysOf(stage) };
    const ledgers = await Promise.all(DAYS.map((d) => stage.ledger(d)));
    const started = await start(stage, "r", source);
    assert.deepEqual(started.rebuilt, DAYS.map(dayNamed));
    assert.deepEqual([started.failed, started.notHeld], [[], []]);
    assert.deepEqual(await compare(stage, "r"), {});
    const sides = await replaysOf(stage).show("r");
    for (const [i, day] of DAYS.entries()) {
      const runs = sides?.days.get(dayNamed(day)) ?? {};
      for (const { fingerprint: fp } of METRICS) {
        const [side, published] = [runs[fp], ledgers[i]?.entries[fp]];
        assert.ok(side && published && side.run !== published.run);
        const { views } = stage.ports;
        assert.deepEqual(await views.readBack(side.run), await views.readBack(published.run));
        for (const key of side.partials) {
          const normal = key.slice(key.indexOf("states/"));
          assert.deepEqual(
            await stage.ports.objects.get(key),
            await stage.ports.objects.get(normal),
            key,
          );
        }
      }
    }
    const again = await start(stage, "r", source);
    assert.deepEqual([again.rebuilt, again.kept], [[], DAYS.length]);
    assert.deepEqual(
      Object.values(await promote(stage, "r")).map((p) => p.state),
      ["identical", "identical", "identical"],
    );
    assert.deepEqual(await shown(stage), before.shown);
    assert.deepEqual(await Promise.all(DAYS.map((d) => stage.ledger(d))), ledgers);
    // Dropped, nothing is left of it.
    const runs = [...(sides?.days.values() ?? [])].flatMap((own) => Object.values(own));
    assert.equal(await replaysOf(stage).drop("r"), true);
    assert.deepEqual(await keysOf(stage), before.keys);
    for (const { run } of runs) assert.equal((await stage.ports.views.readBack(run)).count, 0);
    assert.equal(await replaysOf(stage).drop("r"), false);
  }
});

test("edited views: told by cell, seen in the catalogue alone, promoted, and taken back", async () => {
  const stage = await sealedStage(seededRandom(2), 12);
  const healer = new Healer(stage, METRICS);
  await stage.send(...eventsOf(seededRandom(8), DAY, 2, "healed"));
  await healer.heal(DAY);
  await stage.fold();
  const before = await shown(stage);
  const edited = await halved(stage);
  const low = await shown(stage);
  assert.notDeepEqual(low, before);
  await start(stage, "r");
  const told = await compare(stage, "r");
  assert.deepEqual(Object.keys(told), [DAY]);
  const point = (answers: typeof before) =>
    answers.find((a) => a.metric === "seen" && a.points[0]?.from.startsWith(DAY))?.points[0];
  assert.deepEqual(told[DAY], [`seen ${point(low)?.value} -> ${point(before)?.value}`]);
  assert.equal((await inCatalogue(stage, "r", "seen", DAY))?.value, point(before)?.value);
  assert.deepEqual(await shown(stage), low);

  // The others stand at the same offsets, and are not moved, neither now nor by the rollback.
  const others = async () => {
    const { entries } = await stage.ledger(DAY);
    return ["people", "spent"].map((n) => entries[named(n).fingerprint]?.run);
  };
  const stand = await others();
  const promoted = await promote(stage, "r");
  assert.deepEqual(
    Object.values(promoted).map((p) => p.state),
    ["identical", "promoted", "identical"],
  );
  const values = (answers: typeof before) => answers.map((a) => a.points.map((p) => p.value));
  assert.deepEqual(values(await shown(stage)), values(before));
  assert.deepEqual(await others(), stand);
  const flip = (await stage.ledger(DAY)).flips?.at(-1);
  assert.deepEqual(
    [flip?.by, flip?.did, Object.keys(flip?.runs ?? {}).length],
    ["eva", "promote", 1],
  );
  assert.deepEqual(await compare(stage, "r"), {});
  assert.deepEqual((await promote(stage, "r"))[DAY], { state: "already" });
  assert.deepEqual((await fsck(stage)).left, []);

  // Dropped, what was promoted stays; the next heal goes on from it.
  await replaysOf(stage).drop("r");
  assert.deepEqual(values(await shown(stage)), values(before));
  assert.deepEqual((await fsck(stage)).left, []);
  assert.deepEqual((await healer.plan(DAY)).metrics, []);
  const moves = await healer.heals.rollback(dayNamed(DAY), { by: "eva" });
  assert.deepEqual(
    moves.map((m) => [m.metric.name, m.to.run]),
    [["seen", edited]],
  );
  assert.deepEqual(await others(), stand);
  assert.deepEqual(values(await shown(stage)), values(low));
  await healer.heals.unpin(dayNamed(DAY), { by: "eva" });
  await stage.send(...eventsOf(seededRandom(9), DAY, 1, "late"));
  await healer.heal(DAY);
  await stage.fold();
  assert.equal(point(await shown(stage))?.value, Number(point(before)?.value) + 1);
});

/** Sealed from an archive in which a record of DAY is missing, and nothing says so. */
async function sealedWithout(): Promise<Stage> {
  const stage = await Stage.at("2026-03-02T00:00:00Z", METRICS);
  stage.objectLimits = LIMITS;
  const random = seededRandom(3);
  for (const day of DAYS) {
    await stage.until(`${day}T23:59:00Z`);
    await stage.send(...eventsOf(random, day, 20, "e"));
  }
  await stage.fold();
  await stage.archiving(() => stage.batch.reachedCut());
  const entry = (await entriesOf(stage)).find((e) => ofDay(e, DAY) === LIMITS.records);
  assert.ok(entry);
  await editArchive(stage, entry);
  await stage.restart();
  await stage.until("2026-03-05T00:10:00Z");
  await stage.seal();
  await stage.fold();
  return stage;
}

test("an edited archive gives what it gave; the topic tells, and what it gives is not healed away", async () => {
  const stage = await sealedWithout();
  assert.deepEqual((await fsck(stage)).left, []);
  const value = async () => (await stage.day("seen", DAY)).points[0]?.value;
  assert.equal(await value(), 19);
  await start(stage, "a");
  assert.deepEqual(await compare(stage, "a"), {});
  await start(stage, "t", "topic");
  const told = await compare(stage, "t");
  assert.deepEqual(Object.keys(told), [DAY]);
  assert.ok(told[DAY]?.includes("seen 19 -> 20"), JSON.stringify(told));
  assert.equal((await promote(stage, "t"))[DAY]?.state, "promoted");
  assert.equal(await value(), 20);
  assert.deepEqual((await new Healer(stage, METRICS).plan(DAY)).metrics, []);
  assert.equal((await stage.seal()).planned, 0);
  assert.deepEqual((await fsck(stage)).left, []);
});

test("a damaged archive: its days are not rebuilt and say why, the others are; the topic has them", async () => {
  const stage = await sealedStage(seededRandom(4), 12);
  const entry = (await entriesOf(stage)).find((e) => ofDay(e, DAY) > 0 && ofDay(e, FIRST) === 0);
  assert.ok(entry);
  await stage.ports.objects.remove(entry.object);
  const { rebuilt, failed } = await start(stage, "a");
  assert.deepEqual(
    failed.map((f) => [f.day, f.error.code]),
    [[dayNamed(DAY), "object_missing"]],
  );
  assert.deepEqual(rebuilt, [dayNamed(FIRST), dayNamed(LAST)]);
  assert.deepEqual(await compare(stage, "a"), {});
  assert.equal((await start(stage, "t", "topic")).failed.length, 0);
  assert.deepEqual(await compare(stage, "t"), {});
  // Repaired, the same start goes on.
  await fsck(stage, true);
  await stage.restart();
  assert.deepEqual((await start(stage, "a")).rebuilt, [dayNamed(DAY)]);
});

test("what the topic no longer has is named, and nothing that lacks it is promoted", async () => {
  const stage = await sealedWithout();
  const entry = (await entriesOf(stage)).findLast((e) => ofDay(e, FIRST) > 0);
  const to = (entry?.to ?? 0) + 2;
  await stage.ports.log.dropBelow(DATASET, 0, to);
  const { notHeld, failed } = await start(stage, "t", "topic");
  assert.deepEqual([notHeld, failed], [[{ partition: 0, from: 0, to }], []]);
  const told = await compare(stage, "t");
  assert.deepEqual(Object.keys(told), [FIRST, DAY]);
  const ledgers = await Promise.all(DAYS.map((d) => stage.ledger(d)));
  const promoted = await promote(stage, "t");
  for (const day of [FIRST, DAY]) {
    const p = promoted[day];
    assert.ok(p?.state === "incomplete", JSON.stringify(p));
    assert.ok(
      p.lost.every((l) => l.from < to && l.to <= to),
      JSON.stringify(p),
    );
  }
  assert.equal(promoted[LAST]?.state, "identical");
  assert.deepEqual(await Promise.all(DAYS.map((d) => stage.ledger(d))), ledgers);
});

test("a day that shows another run than the one compared is refused by name, the others are promoted", async () => {
  const stage = await sealedStage(seededRandom(5), 12);
  await halved(stage);
  await editRows(stage, LAST, named("people"), (rows) => rows.slice(1));
  await start(stage, "r");
  assert.deepEqual(Object.keys(await compare(stage, "r")), [DAY, LAST]);
  await stage.send(...eventsOf(seededRandom(6), DAY, 2, "late"));
  await new Healer(stage, METRICS).heal(DAY);
  await stage.fold();
  const now = await stage.ledger(DAY);
  const promoted = await promote(stage, "r");
  const by = now.entries[named("seen").fingerprint]?.run;
  const fingerprint = named("seen").fingerprint;
  assert.deepEqual(promoted[DAY], { state: "superseded", by, fingerprint });
  assert.deepEqual(await stage.ledger(DAY), now);
  assert.equal(promoted[LAST]?.state, "promoted");
  // Compared again it stays refused, and started again it is rebuilt at the new offsets.
  assert.deepEqual((await compare(stage, "r"))[DAY], ["moved", "moved", "moved"]);
  assert.equal((await promote(stage, "r"))[DAY]?.state, "superseded");
  assert.deepEqual((await start(stage, "r")).rebuilt, [dayNamed(DAY)]);
  assert.deepEqual(await compare(stage, "r"), {});

  const healer = new Healer(stage, METRICS);
  await healer.heals.rollback(dayNamed(LAST), { by: "eva" });
  assert.deepEqual(Object.keys(await compare(stage, "r")), [LAST]);
  assert.equal((await promote(stage, "r"))[LAST]?.state, "pinned");
});

test("one name is one request", async () => {
  const stage = await sealedStage(seededRandom(7), 10);
  await start(stage, "r", "archive", { from: dayNamed(DAY), until: dayNamed(LAST) });
  const shownNow = await replaysOf(stage).show("r");
  assert.deepEqual([...(shownNow?.days.keys() ?? [])], [dayNamed(DAY)]);
  const other = (e: unknown): boolean => e instanceof TandemError && e.code === "configuration";
  await assert.rejects(start(stage, "r"), other);
  assert.deepEqual(
    (await replaysOf(stage).list()).map((h) => [h.name, h.by]),
    [["r", "ann"]],
  );
  // Never compared: never promoted.
  await halved(stage);
  assert.deepEqual((await promote(stage, "r"))[DAY], { state: "not_compared" });
});

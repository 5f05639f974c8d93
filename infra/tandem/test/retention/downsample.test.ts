// Downsampling an event type: what stays of the archive is one row a minute and how many it stands for; sealed numbers
// never change; no run is made of what stays: a rerun is refused by name, and a new metric's days say `missing`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parquetCodec } from "@tandem/adapters/parquet";
import {
  below,
  count,
  metric,
  readManifest,
  sampleKey,
  seededRandom,
  weightsKey,
} from "@tandem/shared-logic";
import { fsck } from "../fsck/fsck-stage.ts";
import { Healer } from "../heal/heal-stage.ts";
import { DATASET, dayNamed, Stage, type Told } from "../stories/stage.ts";
import { counted, later, METRICS, retentionOf, shown } from "./retention-stage.ts";

const DAYS = ["2026-03-02", "2026-03-03"] as const;
const RULES = { downsampleTypes: ["ping"] };

/** A first day with pings and views, a second one with views alone; sealed. */
async function pingedStage(seed = 1): Promise<{ stage: Stage; sent: readonly Told[] }> {
  const random = seededRandom(seed);
  const stage = await Stage.at(`${DAYS[0]}T00:00:00Z`, METRICS);
  stage.objectLimits = { records: 40, bytes: 1 << 20 };
  const sent: Told[] = [];
  for (const [d, day] of DAYS.entries()) {
    await stage.until(`${day}T23:59:00Z`);
    const own = Array.from({ length: 60 }, (_, i): Told => {
      const minute = String(below(random, 6)).padStart(2, "0");
      const second = String(below(random, 60)).padStart(2, "0");
      const type = d === 0 && below(random, 10) < 7 ? "ping" : "page_view";
      return { id: `${day}-${i}`, at: `${day}T10:${minute}:${second}Z`, type, price: i };
    });
    sent.push(...own);
    await stage.send(...own);
  }
  await stage.until("2026-03-04T00:10:00Z");
  await stage.fold();
  await stage.seal();
  await stage.fold();
  await retentionOf(stage).apply();
  return { stage, sent };
}

const manifest = (stage: Stage) => readManifest(stage.ports.objects, DATASET, 0, 0);

test("one row of each minute stays, with how many it stands for; nothing shown changes", async () => {
  for (let seed = 1; seed <= 3; seed++) {
    const { stage, sent } = await pingedStage(seed);
    const { objects } = stage.ports;
    await later(stage, 5);
    assert.equal(
      counted((await retentionOf(stage, RULES).plan()).actions)["downsample_object"],
      undefined,
    );
    await later(stage, 3);
    const before = await shown(stage, DAYS);
    const minutes = (await stage.day("seen", DAYS[0], { grain: "minute" })).points;
    const originals = new Map<string, Uint8Array | undefined>();
    for (const e of await manifest(stage)) originals.set(e.object, await objects.get(e.object));
    const { done, passed } = await retentionOf(stage, RULES).apply();
    assert.deepEqual([passed, (await retentionOf(stage, RULES).plan()).actions], [[], []]);
    assert.ok((counted(done)["downsample_object"] ?? 0) >= 3, JSON.stringify(counted(done)));
    assert.deepEqual(await shown(stage, DAYS), before, `seed ${seed}`);
    assert.deepEqual((await stage.day("seen", DAYS[0], { grain: "minute" })).points, minutes);
    let [pings, views] = [0, 0];
    for (const entry of await manifest(stage)) {
      const [hot, sample] = [
        await objects.get(entry.object),
        await objects.get(sampleKey(entry.object)),
      ];
      assert.ok(!(hot && sample), "an object is either there or downsampled");
      const columns = await parquetCodec.columns(hot ?? sample ?? assert.fail(entry.object), [
        "event_type",
        "event_id",
      ]);
      const types = Array.from({ length: columns.count }, (_, i) =>
        columns.field("event_type").text(i),
      );
      views += types.filter((t) => t === "page_view").length;
      if (!sample) {
        assert.ok(!types.includes("ping"));
        continue;
      }
      const told = JSON.parse(
        new TextDecoder().decode(await objects.get(weightsKey(entry.object))),
      ) as { types: string[]; weights: [number, number][] };
      assert.deepEqual(told.types, ["ping"]);
      // Against the object as it was: of each minute the first row, and all of its rows counted.
      const was = await parquetCodec.columns(originals.get(entry.object) ?? new Uint8Array(0), [
        "event_type",
      ]);
      const expected = new Map<number, [number, number]>();
      for (let i = 0; i < was.count; i++) {
        if (was.field("event_type").text(i) !== "ping") continue;
        const minute = Math.floor((was.timeMs[i] ?? 0) / 60_000);
        const seen = expected.get(minute);
        if (seen) seen[1]++;
        else expected.set(minute, [was.offsets[i] ?? 0, 1]);
      }
      assert.deepEqual(told.weights, [...expected.values()]);
      const offsets = Array.from({ length: columns.count }, (_, i) => columns.offsets[i]);
      assert.deepEqual(
        offsets.filter((_, i) => types[i] === "ping"),
        told.weights.map(([offset]) => offset),
      );
      pings += told.weights.reduce((n, [, rows]) => n + rows, 0);
    }
    assert.equal(pings, sent.filter((e) => e.type === "ping").length);
    assert.equal(views, sent.filter((e) => e.type === "page_view").length);
    const report = await fsck(stage);
    assert.deepEqual(report.left, []);
    assert.match(
      report.findings.find((f) => f.kind === "range_expired")?.says ?? "",
      /downsampled to sampled\/archive/,
    );
    // An object without pings is read once, and goes its way.
    await later(stage, 90);
    const moved = counted((await retentionOf(stage, RULES).apply()).done);
    assert.ok(
      (moved["move_object"] ?? 0) >= 1 && !moved["downsample_object"],
      JSON.stringify(moved),
    );
    await later(stage, 400);
    const gone = counted((await retentionOf(stage, RULES).apply()).done);
    assert.ok((gone["drop_sample"] ?? 0) >= 2, JSON.stringify(gone));
    for await (const { key } of objects.list("sampled/")) assert.fail(key);
    assert.deepEqual((await retentionOf(stage, RULES).plan()).actions, []);
    assert.deepEqual(await shown(stage, DAYS), before);
  }
});

test("a rerun of a downsampled day is refused by name; late records stay on top; a new metric says missing", async () => {
  const { stage } = await pingedStage();
  await later(stage, 8);
  await retentionOf(stage, RULES).apply();
  const healer = new Healer(stage, METRICS);
  await stage.send(
    { id: "late", at: `${DAYS[0]}T10:30:00Z` },
    { id: "l2", at: `${DAYS[1]}T10:30:00Z` },
  );
  await stage.fold();
  const plan = await healer.heal(DAYS[0]);
  assert.deepEqual([plan.run, plan.metrics], [undefined, []]);
  assert.deepEqual(
    plan.incomplete.map((i) => [i.why, i.kept]),
    METRICS.map(() => ["downsampled", true]),
  );
  const answer = await stage.day("seen", DAYS[0]);
  assert.deepEqual([answer.points[0]?.value, answer.late_pending], [61, 1]);
  // Sealing by itself leaves it too.
  await stage.seal();
  assert.equal((await stage.day("seen", DAYS[0])).points[0]?.value, 61);
  const shape = { unit: "things", version: 1, examples: [] };
  const fresh = metric({ ...shape, name: "fresh", title: "Fresh", reducer: count() });
  await stage.restart([...METRICS, fresh]);
  await stage.send({ id: "today", at: "2026-03-12T00:00:00Z" });
  await stage.fold();
  const planned = await new Healer(stage, [...METRICS, fresh]).plan(DAYS[0]);
  assert.deepEqual(planned.incomplete.at(-1), { metric: "fresh", why: "downsampled", kept: false });
  await stage.seal();
  await stage.fold();
  const said = await stage.day("fresh", DAYS[0]);
  assert.deepEqual(said.points, []);
  assert.match(said.missing[0]?.why ?? "", /were downsampled by retention before this run/);
});

test("what an unsealed or pinned day needs is never downsampled", async () => {
  const { stage } = await pingedStage();
  const healer = new Healer(stage, METRICS);
  await stage.send({ id: "late", at: `${DAYS[0]}T10:30:00Z`, type: "ping" });
  await healer.heal(DAYS[0]);
  await healer.heals.rollback(dayNamed(DAYS[0]), { by: "eva" });
  await stage.fold();
  await later(stage, 20);
  const { done } = await retentionOf(stage, RULES).apply();
  const kept = (await manifest(stage)).filter((e) => e.days[dayNamed(DAYS[0])]);
  for (const e of kept) assert.ok(await stage.ports.objects.get(e.object), e.object);
  assert.ok(
    !done.some((a) => a.do === "downsample_object" && kept.some((e) => e.object === a.object)),
  );
  await healer.heals.unpin(dayNamed(DAYS[0]), { by: "eva" });
  await healer.heal(DAYS[0]);
  await stage.fold();
  assert.equal((await stage.day("seen", DAYS[0])).points[0]?.value, 61);
  assert.ok(
    (counted((await retentionOf(stage, RULES).apply()).done)["downsample_object"] ?? 0) >= 2,
  );
});

// 1 of 200 archive objects deleted, flipped, truncated, or swapped with another: found every time, nothing is
// published over it, the last good run stays, days that need none of it go on; what the log still has is put back
// byte for byte.
import assert from "node:assert/strict";
import { test } from "node:test";
import { damagedObject, refuseSetAside, type SetAside } from "@tandem/batch-layer";
import { below, isDamage, manifestKey, seededRandom } from "@tandem/shared-logic";
import { fsckExit } from "../../src/commands/fsck.ts";
import { Healer } from "../heal/heal-stage.ts";
import { dayNamed } from "../stories/stage.ts";
import {
  bytesOf,
  DAMAGES,
  DAYS,
  damage,
  entriesOf,
  eventsOf,
  fsck,
  METRICS,
  sealedStage,
  shown,
} from "./fsck-stage.ts";

const SEEDS = Number(process.env["FSCK_SEEDS"] ?? 2);
const CASES = 3;

test("one of 200 objects is damaged: found, refused, put back", async () => {
  let found = 0;
  let others = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seededRandom(seed);
    const stage = await sealedStage(random);
    const entries = await entriesOf(stage);
    assert.ok(entries.length >= 200, `seed ${seed}: ${entries.length} objects`);
    const whole = await fsck(stage);
    assert.deepEqual([whole.findings, whole.left, fsckExit(whole)], [[], [], 0]);
    assert.deepEqual([whole.checked.objects, whole.checked.runs], [entries.length, 9]);
    let late = 0;
    for (const kind of DAMAGES) {
      for (let i = 0; i < CASES; i++) {
        const where = `seed ${seed}, ${kind}, case ${i}`;
        const at = below(random, entries.length);
        const [entry, other] = [
          entries[at],
          entries[(at + 1 + below(random, 50)) % entries.length],
        ];
        assert.ok(entry && other);
        const before = new Map<string, Uint8Array>();
        for (const e of [entry, other]) before.set(e.object, await bytesOf(stage, e.object));
        const keys = await damage(stage, random, kind, entry, other);
        const touched = kind === "swapped" ? [entry, other] : [entry];
        const needs = DAYS.filter((d) => touched.some((e) => e.days[dayNamed(d)]));

        // Something late wants every day computed again.
        const ledgers = await Promise.all(DAYS.map((d) => stage.ledger(d)));
        const answers = await shown(stage, "batch");
        for (const day of DAYS) await stage.send(...eventsOf(random, day, 1, `late${late}`));
        late++;
        const { setAside, sealed } = await stage.seal();
        assert.deepEqual(
          setAside.flatMap((s) => (s.day === undefined ? [] : [s.at])).sort(),
          needs,
          where,
        );
        for (const { error } of setAside)
          assert.ok(keys.includes(damagedObject(error) ?? ""), `${where}: ${error.message}`);
        assert.throws(() => refuseSetAside(setAside), { code: setAside[0]?.error.code });
        const published = DAYS.filter((d) => sealed.some((s) => s.day === dayNamed(d)));
        assert.deepEqual(
          published,
          DAYS.filter((d) => !needs.includes(d)),
          where,
        );
        others += published.length;
        const now = await shown(stage, "batch");
        for (const [d, day] of DAYS.entries()) {
          const stays = needs.includes(day);
          if (stays) assert.deepEqual(await stage.ledger(day), ledgers[d], where);
          for (const m of METRICS.keys()) {
            const i = d + m * DAYS.length;
            if (stays) assert.deepEqual(now[i], answers[i], `${where}, ${day}`);
          }
          const [was, is] = [answers[d], now[d]].map((a) => Number(a?.points[0]?.value));
          assert.equal(is, (was ?? 0) + (stays ? 0 : 1), `${where}, ${day}`);
        }

        const report = await fsck(stage);
        const named = report.findings.filter(isDamage);
        assert.deepEqual(named.map((f) => f.at).sort(), keys, where);
        assert.deepEqual(
          new Set(named.map((f) => f.kind)),
          new Set([kind === "deleted" ? "object_missing" : "object_damaged"]),
          where,
        );
        if (kind === "swapped")
          for (const f of named) assert.match(f.says, /it holds the bytes of archive\//);
        if (kind === "truncated") assert.match(named[0]?.says ?? "", /cut short/);
        assert.equal(fsckExit(report), 4, where);
        found++;

        const repaired = await fsck(stage, true);
        assert.deepEqual([repaired.left, fsckExit(repaired)], [[], 0], where);
        for (const [key, bytes] of before)
          assert.deepEqual(await bytesOf(stage, key), bytes, where);
        assert.deepEqual((await fsck(stage)).findings, [], where);
        assert.deepEqual((await stage.seal()).setAside, [], where);
        await stage.fold();
        for (const [d, day] of DAYS.entries()) {
          const [point] = (await stage.day("seen", day, { layer: "batch" })).points;
          const [was] = answers[d]?.points ?? [];
          assert.equal(point?.value, Number(was?.value) + 1, where);
        }
      }
    }
  }
  assert.equal(found, SEEDS * DAMAGES.length * CASES);
  assert.ok(others >= SEEDS * DAMAGES.length, `${others} days were published beside the damage`);
});

test("a heal plan of several days names the damaged one and plans the others", async () => {
  const random = seededRandom(7);
  const stage = await sealedStage(random, 20);
  for (const day of DAYS) await stage.send(...eventsOf(random, day, 1, "late"));
  const entries = await entriesOf(stage);
  const [, day = ""] = DAYS;
  const only = (e: (typeof entries)[number]): boolean =>
    Object.keys(e.days).join() === `${dayNamed(day)}`;
  const entry = entries.find(only);
  assert.ok(entry);
  await stage.ports.objects.remove(entry.object);
  // The states that it was made into would do without it.
  for await (const { key } of stage.ports.objects.list("states/"))
    if (key.includes(`/${day}/`)) await stage.ports.objects.remove(key);
  const healer = new Healer(stage, METRICS);
  const setAside: SetAside[] = [];
  const days = DAYS.map(dayNamed);
  const plans = await stage.archiving(() =>
    healer.heals.plan(days, { onDamage: (what) => setAside.push(what) }),
  );
  assert.deepEqual(
    plans.map((p) => [p.kept.day, p.run !== undefined]),
    days.filter((d) => d !== dayNamed(day)).map((d) => [d, true]),
  );
  assert.deepEqual(
    setAside.map((s) => [s.at, damagedObject(s.error)]),
    [[day, entry.object]],
  );
  await assert.rejects(healer.heals.plan(days), { code: "object_missing" });
});

test("a hole in the manifest stops every day, and nothing that is shown; repair ends it", async () => {
  const random = seededRandom(8);
  const stage = await sealedStage(random, 20);
  const before = await shown(stage, "batch");
  const entry = (await entriesOf(stage))[5];
  assert.ok(entry);
  await stage.ports.objects.remove(manifestKey(entry));
  await stage.restart();
  await assert.rejects(stage.seal(), { code: "archive_gap" });
  assert.deepEqual(await shown(stage, "batch"), before);
  assert.deepEqual((await fsck(stage, true)).left, []);
  await stage.seal();
  await stage.fold();
  assert.deepEqual(await shown(stage, "batch"), before);
});

// What neither archive nor log has any more: an explicit lost range, which runs computed without it carry into
// their answers; a run from before the loss stays, and speed goes on above it.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  count,
  type ManifestEntry,
  manifestKey,
  metric,
  readManifest,
  seededRandom,
} from "@tandem/shared-logic";
import { fsckExit } from "../../src/commands/fsck.ts";
import { DATASET, dayNamed, Stage } from "../stories/stage.ts";
import {
  bytesOf,
  DAYS,
  entriesOf,
  eventsOf,
  fsck,
  LIMITS,
  METRICS,
  sealedStage,
  shown,
} from "./fsck-stage.ts";

const DAY = "2026-03-03";
const of = (entry: ManifestEntry): number => entry.days[dayNamed(DAY)] ?? 0;

async function objectOf(stage: Stage): Promise<ManifestEntry> {
  const entry = (await entriesOf(stage)).find((e) => of(e) === LIMITS.records);
  assert.ok(entry);
  return entry;
}

async function trim(stage: Stage, to?: number): Promise<void> {
  const end = (await stage.ports.log.ranges(DATASET))[0]?.end ?? 0;
  await stage.ports.log.dropBelow(DATASET, 0, to ?? end);
}

test("a whole run stays; what is computed without the lost records says so", async () => {
  const stage = await sealedStage(seededRandom(1), 30);
  const before = await shown(stage);
  const ledger = await stage.ledger(DAY);
  const entry = await objectOf(stage);
  await stage.ports.objects.remove(entry.object);
  await trim(stage);
  const report = await fsck(stage, true);
  assert.equal(fsckExit(report), 3);
  assert.deepEqual(report.left, []);
  assert.deepEqual(
    report.repaired.map((r) => r.what),
    ["lost"],
  );
  assert.match(report.repaired[0]?.says ?? "", /LOST, 4 events/);
  const [listed] = (await entriesOf(stage)).filter((e) => e.lost);
  assert.deepEqual(listed?.lost?.days, { [dayNamed(DAY)]: 4 });
  const again = await fsck(stage, true);
  assert.deepEqual([again.findings.map((f) => f.kind), fsckExit(again)], [["range_lost"], 0]);

  // Nothing is worse than it was, also where something late would have the day computed again.
  assert.deepEqual(await shown(stage), before);
  await stage.send(...eventsOf(seededRandom(2), DAY, 3, "late"));
  await stage.fold();
  await stage.seal();
  await stage.fold();
  assert.deepEqual((await stage.ledger(DAY)).entries, ledger.entries);
  const seen = await stage.day("seen", DAY);
  assert.deepEqual([seen.missing, seen.late_pending], [[], 3]);
  const was = before.find((a) => a.metric === "seen" && a.points[0]?.from.startsWith(DAY));
  assert.equal(seen.points[0]?.value, Number(was?.points[0]?.value) + 3);

  // A new metric has never had these events: its answer is missing, and of this day alone.
  const fresh = metric({
    name: "fresh",
    title: "Fresh",
    unit: "events",
    version: 1,
    reducer: count(),
    examples: [],
  });
  await stage.restart([...METRICS, fresh]);
  await stage.seal();
  await stage.fold();
  for (const day of DAYS) {
    const answer = await stage.day("fresh", day);
    if (day !== DAY) {
      assert.deepEqual([answer.missing, answer.points[0]?.exact], [[], true], day);
      continue;
    }
    assert.deepEqual(answer.points, []);
    assert.equal(answer.missing.length, 1);
    assert.match(
      answer.missing[0]?.why ?? "",
      new RegExp(`^4 events were lost with offsets ${entry.from} to ${entry.to} of partition 0`),
    );
    const hours = await stage.day("fresh", day, { grain: "hour" });
    assert.equal(hours.points.length, 0);
  }
});

/** Three days archived, none sealed, and a log that no longer has them. */
async function unsealed(break_: (stage: Stage, entry: ManifestEntry) => Promise<void>) {
  const stage = await Stage.at("2026-03-02T00:00:00Z", METRICS);
  stage.objectLimits = LIMITS;
  const random = seededRandom(3);
  for (const day of DAYS) {
    await stage.until(`${day}T23:59:00Z`);
    await stage.send(...eventsOf(random, day, 20, "e"));
  }
  await stage.fold();
  // A cut, so that all is archived; nothing is sealed.
  await stage.archiving(() => stage.batch.reachedCut());
  await stage.until("2026-03-05T00:10:00Z");
  const entry = await objectOf(stage);
  await break_(stage, entry);
  return { stage, entry };
}

test("a day that was never sealed is sealed without, and its answers are missing", async () => {
  const { stage, entry } = await unsealed(async (s, e) => {
    await s.ports.objects.remove(e.object);
    await trim(s);
  });
  const { setAside, sealed } = await stage.seal();
  assert.deepEqual(
    setAside.flatMap((s) => (s.day === undefined ? [] : [[s.at, s.error.code]])),
    [[DAY, "object_missing"]],
  );
  assert.equal(sealed.length, (DAYS.length - 1) * METRICS.length);
  assert.equal(fsckExit(await fsck(stage)), 4);
  assert.equal(fsckExit(await fsck(stage, true)), 3);
  await stage.seal();
  for (const answer of await shown(stage)) {
    const lost = answer.missing.some((m) => m.why.includes(`offsets ${entry.from} to ${entry.to}`));
    assert.equal(lost, answer.points.length === 0, JSON.stringify(answer));
  }
  const missing = (await shown(stage)).filter((a) => a.missing.length > 0);
  assert.deepEqual(
    missing.map((a) => a.metric),
    METRICS.map((m) => m.name),
  );
  for (const a of missing) assert.match(a.missing[0]?.why ?? "", /^4 events were lost/);
});

test("what is left in the log of an object is saved, and the loss is counted exactly", async () => {
  const { stage, entry } = await unsealed(async (s, e) => {
    await s.ports.objects.remove(e.object);
    await trim(s, e.from + 3);
  });
  const report = await fsck(stage, true);
  assert.deepEqual(
    report.repaired.map((r) => r.what),
    ["refetched", "lost"],
  );
  const entries = await entriesOf(stage);
  const parts = entries.filter((e) => e.from >= entry.from && e.to <= entry.to);
  assert.deepEqual(
    parts.map((e) => [e.from, e.to, e.events, e.lost?.days]),
    [
      [entry.from, entry.from + 3, 0, { [dayNamed(DAY)]: 3 }],
      [entry.from + 3, entry.to, 1, undefined],
    ],
  );
  await stage.seal();
  assert.match((await stage.day("seen", DAY)).missing[0]?.why ?? "", /^3 events were lost/);
});

test("a manifest entry is written again from the log, or from the object it named", async () => {
  for (const has of ["log", "object", "neither"]) {
    for (const how of ["gone", "damaged"]) {
      const { stage, entry } = await unsealed(async (s, e) => {
        await s.ports.objects.remove(manifestKey(e));
        if (how === "damaged") await s.ports.objects.putIfAbsent(manifestKey(e), Uint8Array.of(1));
        if (has !== "log") await trim(s);
        if (has === "neither") await s.ports.objects.remove(e.object);
      });
      const where = `${has}, ${how}`;
      const found = (await fsck(stage)).findings.filter((f) => f.kind !== "object_unlisted");
      assert.deepEqual(
        found.map((f) => [f.kind, f.at]),
        [[how === "gone" ? "range_missing" : "entry_damaged", manifestKey(entry)]],
        where,
      );
      const report = await fsck(stage, true);
      assert.deepEqual(report.left, [], where);
      assert.equal(fsckExit(report), has === "neither" ? 3 : 0, where);
      const [now] = (await entriesOf(stage)).filter((e) => e.from === entry.from);
      if (has !== "neither") {
        assert.deepEqual(now, entry, where);
        continue;
      }
      // Nobody knows which days it was of: every run computed without it says so.
      assert.equal(now?.lost?.days, null);
      await stage.seal();
      for (const answer of await shown(stage)) {
        assert.equal(answer.points.length, 0, where);
        assert.match(answer.missing[0]?.why ?? "", /^an unknown number of events were lost/);
      }
    }
  }
});

test("what the log gave up before it was archived is lost, and the archiver goes on behind it", async () => {
  const stage = await sealedStage(seededRandom(4), 30);
  await stage.send(...eventsOf(seededRandom(5), "2026-03-05", 10, "gone"));
  await stage.fold();
  await stage.worker.checkpoint();
  await trim(stage);
  const report = await fsck(stage, true);
  assert.deepEqual(
    report.findings.map((f) => f.kind),
    ["range_not_archived"],
  );
  assert.equal(fsckExit(report), 3);
  await stage.send(...eventsOf(seededRandom(6), "2026-03-05", 10, "kept"));
  await stage.until("2026-03-06T00:10:00Z");
  await stage.seal();
  assert.equal((await readManifest(stage.ports.objects, DATASET, 0, 0)).at(-1)?.lost, undefined);
  const answer = await stage.day("seen", "2026-03-05", { layer: "batch" });
  assert.equal(answer.points.length, 0);
  assert.equal(answer.missing.length, 1);
});

test("a repair that is killed at any write is finished by the next one", async () => {
  for (const trimmed of [0, 3, undefined]) {
    let writes = 0;
    for (let kill = 0; ; kill++) {
      const { stage, entry } = await unsealed(async (s, e) => {
        const bytes = await bytesOf(s, e.object);
        await s.ports.objects.remove(e.object);
        await s.ports.objects.putIfAbsent(e.object, bytes.slice(0, 40));
        if (trimmed !== 0) await trim(s, trimmed && e.from + trimmed);
      });
      const { objects } = stage.ports;
      let left = kill;
      const dying =
        <A extends readonly unknown[], R>(write: (...args: A) => Promise<R>) =>
        async (...args: A): Promise<R> => {
          if (left-- <= 0) throw new RangeError("killed");
          return write(...args);
        };
      const own = { put: objects.putIfAbsent, remove: objects.remove };
      objects.putIfAbsent = dying(own.put.bind(objects));
      objects.remove = dying(own.remove.bind(objects));
      const done = await fsck(stage, true).then(
        () => true,
        (e) => {
          assert.match(String(e), /killed/);
          return false;
        },
      );
      objects.putIfAbsent = own.put;
      objects.remove = own.remove;
      const where = `trimmed ${trimmed}, killed at write ${kill}`;
      assert.deepEqual((await fsck(stage, true)).left, [], where);
      const parts = (await entriesOf(stage)).filter(
        (e) => e.from >= entry.from && e.to <= entry.to,
      );
      const lost = parts.reduce((n, e) => n + (e.lost?.days?.[dayNamed(DAY)] ?? 0), 0);
      assert.equal(parts.reduce((n, e) => n + of(e), 0) + lost, 4, where);
      assert.equal(lost, trimmed ?? 4, where);
      if (done) break;
      writes++;
    }
    assert.ok(writes >= 2, `${writes} writes`);
  }
});

// Run rows against the partial states they were made of, and checkpoints against the log: what differs is named,
// and a run that the archive still gives is computed again under its own id.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dayKey, dayStart, type RunRow, runObjectKey, seededRandom } from "@tandem/shared-logic";
import { fsckExit } from "../../src/commands/fsck.ts";
import { DATASET, dayNamed, type Stage, TENANT } from "../stories/stage.ts";
import { fsck, METRICS, sealedStage, shown } from "./fsck-stage.ts";

const DAY = "2026-03-03";
const encoder = new TextEncoder();

interface Run {
  readonly run: string;
  readonly rows: readonly RunRow[];
  readonly partial: string;
}

async function runOf(stage: Stage): Promise<Run> {
  const [metric] = METRICS;
  assert.ok(metric);
  const run = (await stage.ledger(DAY)).entries[metric.fingerprint]?.run ?? "";
  const from = dayStart(dayNamed(DAY));
  const rows = await stage.ports.views.readRun({
    run,
    tenant: TENANT,
    set: 0,
    grain: metric.reducer.grains[0] ?? "hour",
    from,
    until: dayStart(dayNamed("2026-03-04")),
  });
  const object = await stage.ports.objects.get(runObjectKey(DATASET, run));
  const { partials } = JSON.parse(new TextDecoder().decode(object)) as { partials: string[] };
  return { run, rows, partial: partials[0] ?? "" };
}

async function rewrite(stage: Stage, run: string, rows: readonly RunRow[]): Promise<void> {
  await stage.ports.views.removeRun(run);
  await stage.ports.views.writeRun(run, rows);
}

const DAMAGES: Readonly<Record<string, (stage: Stage, run: Run) => Promise<void>>> = {
  "a row is gone": (s, { run, rows }) => rewrite(s, run, rows.slice(1)),
  "all rows are gone": (s, { run }) => s.ports.views.removeRun(run),
  "a count is another": (s, { run, rows: [first, ...rest] }) =>
    rewrite(s, run, first ? [{ ...first, events: first.events + 1 }, ...rest] : []),
  "there is a row too many": (s, { run, rows: [first] }) =>
    s.ports.views.writeRun(run, first ? [{ ...first, group: "ghost" }] : []),
  "a partial state is gone": (s, { partial }) => s.ports.objects.remove(partial),
  "a partial state is cut short": async (s, { partial }) => {
    const bytes = await s.ports.objects.get(partial);
    await s.ports.objects.remove(partial);
    await s.ports.objects.putIfAbsent(
      partial,
      bytes?.slice(0, bytes.length - 3) ?? encoder.encode(""),
    );
  },
  "the run's object is gone": (s, { run }) => s.ports.objects.remove(runObjectKey(DATASET, run)),
};

test("every damage to a run is found and put right", async () => {
  const stage = await sealedStage(seededRandom(1), 30);
  const whole = await shown(stage);
  for (const [name, damage] of Object.entries(DAMAGES)) {
    const run = await runOf(stage);
    assert.ok(run.rows.length > 0);
    await damage(stage, run);
    const report = await fsck(stage);
    assert.deepEqual(
      report.left.map((f) => [f.at, f.day]),
      [[run.run, dayNamed(DAY)]],
      name,
    );
    assert.equal(fsckExit(report), 4, name);
    const repaired = await fsck(stage, true);
    assert.deepEqual(
      repaired.repaired.map((r) => [r.what, r.at]),
      [["run", run.run]],
      name,
    );
    assert.equal(fsckExit(repaired), 0, name);
    assert.deepEqual((await fsck(stage)).findings, [], name);
    await stage.restart();
    assert.deepEqual(await shown(stage), whole, name);
  }
});

test("a run at offsets where no archive object ends is left, and named", async () => {
  const stage = await sealedStage(seededRandom(2), 30);
  const key = dayKey(DATASET, dayNamed(DAY));
  const row = await stage.ledger(DAY);
  const fp = METRICS[0]?.fingerprint;
  assert.ok(fp);
  const entry = row.entries[fp];
  assert.ok(entry);
  const moved = { ...row, entries: { ...row.entries, [fp]: { ...entry, v: [6] } } };
  const version = (await stage.ports.views.ledger(key))?.version ?? 0;
  assert.ok(await stage.ports.views.cas(key, version, JSON.stringify(moved)));
  const report = await fsck(stage, true);
  assert.deepEqual(
    report.left.map((f) => [f.kind, f.at]),
    [["run_offsets", entry.run]],
  );
});

test("a run that the archive no longer gives is made of its states; without them it is left, and named", async () => {
  const stage = await sealedStage(seededRandom(2), 30);
  const [entry] = (await stage.batch.archive()).manifest[0] ?? [];
  await stage.ports.objects.remove(entry?.object ?? "");
  await stage.ports.log.dropBelow(DATASET, 0, 30);
  const first = Object.values((await stage.ledger("2026-03-02")).entries)[0];
  await stage.ports.views.removeRun(first?.run ?? "");
  const repaired = await fsck(stage, true);
  assert.deepEqual(repaired.repaired.map((r) => [r.what, r.at]).slice(-1), [["run", first?.run]]);
  assert.deepEqual(repaired.left, []);
  await stage.ports.views.removeRun(first?.run ?? "");
  for await (const { key } of stage.ports.objects.list(`states/${DATASET}/`))
    await stage.ports.objects.remove(key);
  const report = await fsck(stage, true);
  assert.ok(report.left.some((f) => f.kind === "run_parts" && f.at === first?.run));
  assert.equal(fsckExit(report), 4);
});

test("a checkpoint that does not fit the log, or lacks a part, is named", async () => {
  const stage = await sealedStage(seededRandom(3), 30);
  const { checkpoints, log } = stage.ports;
  const head = `speed/${DATASET}/0/head`;
  const bytes = await checkpoints.get(head);
  assert.ok(bytes);
  const { recent } = JSON.parse(new TextDecoder().decode(bytes)) as { recent: string };
  const kinds = async (): Promise<string[]> => (await fsck(stage)).left.map((f) => f.kind);
  assert.deepEqual(await kinds(), []);
  const part = await checkpoints.get(recent);
  await checkpoints.remove(recent);
  assert.deepEqual(await kinds(), ["checkpoint_unreadable"]);
  await checkpoints.put(recent, part ?? bytes);
  await checkpoints.put(head, bytes.slice(0, 20));
  assert.deepEqual(await kinds(), ["checkpoint_unreadable"]);
  const beyond = { ...(JSON.parse(new TextDecoder().decode(bytes)) as object), offset: 100_000 };
  await checkpoints.put(head, encoder.encode(JSON.stringify(beyond)));
  assert.deepEqual(await kinds(), ["checkpoint_outside_log"]);
  await checkpoints.put(head, bytes);
  const end = (await log.ranges(DATASET))[0]?.end ?? 0;
  const row = { dataset: DATASET, partition: 0, to: end + 5, asOf: stage.clock.now() };
  await stage.ports.views.flush({ ...row, starts: [], rows: [] });
  assert.deepEqual(await kinds(), ["position_beyond_log"]);
});

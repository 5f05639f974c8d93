// Seals one day for some metrics: units -> partial states -> merged rows under a run id -> read back ->
// published. Repeating it with the same inputs gives the same run and changes nothing.
import {
  type Clock,
  type DayRow,
  dayKey,
  EMPTY_DAY,
  type Fingerprint,
  type Metric,
  RunChecksum,
  type RunObject,
  type RunRow,
  type RunSum,
  runObjectKey,
  TandemError,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { readRunObject } from "./heal/last-run.ts";
import { planPatch, type RowChange, writePatch } from "./heal/patch-run.ts";
import { planUnit, plus, type ReadCost } from "./heal/unit-tasks.ts";
import { readLedger } from "./ledger.ts";
import { withoutLost } from "./lost-ranges.ts";
import type { Archive, ReachedCut } from "./plan.ts";
import { atLeast, type Published, publish } from "./publish.ts";
import { withStates } from "./rebuild-state.ts";
import { runId } from "./run-id.ts";
import type { TaskRunner } from "./tasks.ts";
import type { UnitPorts } from "./unit.ts";

export interface SealPorts extends UnitPorts {
  readonly views: ViewStore;
  readonly tasks: TaskRunner;
  /** Says when a run was published; without it the day's ledger row does not tell. */
  readonly clock?: Pick<Clock, "now">;
}

export interface SealResult {
  readonly day: UtcDay;
  readonly fingerprint: Fingerprint;
  readonly run: string;
  readonly rows: number;
  readonly published: Published;
}

const WRITE_ROWS = 2000;

export async function sealDay(
  ports: SealPorts,
  dataset: string,
  archive: Archive,
  cut: ReachedCut,
  day: UtcDay,
  metrics: readonly Metric[],
): Promise<SealResult[]> {
  const before = (await readLedger<DayRow>(ports.views, dayKey(dataset, day))).value ?? EMPTY_DAY;
  const written = await withStates(ports, { dataset, archive, metrics }, async () => {
    const { partials } = await runUnits(ports, dataset, archive, cut, day, metrics, before);
    const runs: { fp: Fingerprint; run: string; rows: number }[] = [];
    for (const metric of metrics) {
      const fp = metric.fingerprint;
      const keys = partials.get(fp) ?? [];
      const { run, sum } = await writeRun(ports, dataset, cut, day, metric, keys, before);
      runs.push({ fp, run, rows: sum.count });
    }
    return runs;
  });
  // One after the other, and told as one change.
  const note = ports.clock && { at: ports.clock.now(), by: "batch", did: "publish" as const };
  const results: SealResult[] = [];
  for (const { fp, run, rows } of written) {
    const metric = metrics.find((m) => m.fingerprint === fp);
    const lost = metric ? withoutLost(archive, cut.v, metric, day) : {};
    const ref = { run, v: cut.v, ...lost };
    const entry = before.entries[fp];
    const sweeps = before.sweeps ?? 0;
    const published = await publish(ports.views, dataset, day, fp, ref, entry, note, sweeps);
    results.push({ day, fingerprint: fp, run, rows, published });
  }
  return results;
}

/** Keys of the partial states, by metric, and what was read of the archive for those that were not there. */
export async function runUnits(
  ports: SealPorts,
  dataset: string,
  archive: Archive,
  cut: ReachedCut,
  day: UtcDay,
  metrics: readonly Metric[],
  row: DayRow,
): Promise<{ partials: Map<Fingerprint, string[]>; cost: ReadCost }> {
  const partials = new Map<Fingerprint, string[]>(metrics.map((m) => [m.fingerprint, []]));
  let cost: ReadCost = { rows: 0, bytes: 0 };
  for (const [partition, entries] of archive.manifest.entries()) {
    const place = { dataset, partition, day, entries, below: cut.v[partition] ?? 0, row };
    const unit = await planUnit(ports, place, metrics);
    for (const [fp, key] of unit.keys) partials.get(fp)?.push(key);
    for (const task of unit.tasks) await ports.tasks(task);
    cost = plus(cost, unit.cost);
  }
  return { partials, cost };
}

export interface WrittenRun {
  readonly run: string;
  readonly rows: readonly RunRow[];
  readonly sum: RunSum;
  /** Where it was made from the day's last run: in what it differs. */
  readonly changes?: readonly RowChange[];
}

/** Writes the rows of one metric's run of a day; nobody sees them before they are published. */
export async function writeRun(
  ports: SealPorts,
  dataset: string,
  cut: ReachedCut,
  day: UtcDay,
  metric: Metric,
  partials: readonly string[],
  row: DayRow,
): Promise<WrittenRun> {
  const fp = metric.fingerprint;
  const run = runId(ports.sha256, dataset, fp, day, cut.v, partials);
  const keepObject = async (sum: RunSum): Promise<void> => {
    const object: RunObject = { fingerprint: fp, day, v: cut.v, partials, sum };
    const bytes = new TextEncoder().encode(JSON.stringify(object));
    await ports.objects.putIfAbsent(runObjectKey(dataset, run), bytes);
  };
  const last = row.entries[fp];
  const object = last && (await readRunObject(ports, dataset, last.run));
  // Rows of a run that was rolled up have other cells: it is no base for a run that has the finest.
  if (last && !last.grain && object && last.run !== run && atLeast(cut.v, last.v)) {
    const patch = await planPatch(ports, metric, day, { run: last.run, object }, partials);
    if (patch) {
      await keepObject(patch.sum);
      await writePatch(ports, last.run, run, patch);
      return { run, ...patch };
    }
  }
  const rows = await ports.tasks({ task: "merge-day", fingerprint: fp, day, partials });
  const sum = sumOf(rows);
  await keepObject(sum);
  await writeRows(ports.views, run, rows, sum);
  return { run, rows, sum };
}

function sumOf(rows: readonly RunRow[]): RunSum {
  const sum = new RunChecksum();
  for (const row of rows) sum.add(row);
  return sum.done();
}

/** Writes rows under a run id and proves that the store holds just these. */
export async function writeRows(
  views: ViewStore,
  run: string,
  rows: readonly RunRow[],
  sum: RunSum = sumOf(rows),
): Promise<void> {
  const same = (a: { count: number; checksum: string }): boolean =>
    a.count === sum.count && a.checksum === sum.checksum;
  if (rows.length > 0 && same(await views.readBack(run))) return;
  for (let i = 0; i < rows.length; i += WRITE_ROWS)
    await views.writeRun(run, rows.slice(i, i + WRITE_ROWS));
  const stored = await views.readBack(run);
  if (!same(stored)) {
    throw new TandemError("run_damaged", { details: { run, expected: sum, stored } });
  }
}

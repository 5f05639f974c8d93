// Seals one day for some metrics: units -> partial states -> merged rows under a run id -> read back ->
// published. Repeating it with the same inputs gives the same run and changes nothing.
import {
  type DayEntry,
  type DayRow,
  dayKey,
  EMPTY_DAY,
  type Fingerprint,
  type Metric,
  RunChecksum,
  type RunObject,
  type RunRow,
  runObjectKey,
  TandemError,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { readLedger } from "./ledger.ts";
import type { Archive, ReachedCut } from "./plan.ts";
import { type Published, publish } from "./publish.ts";
import { partialKey, runId } from "./run-id.ts";
import type { TaskRunner } from "./tasks.ts";
import { inputsOf, type UnitPorts } from "./unit.ts";

export interface SealPorts extends UnitPorts {
  readonly views: ViewStore;
  readonly tasks: TaskRunner;
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
  const partials = await runUnits(ports, dataset, archive, cut, day, metrics);
  const results: SealResult[] = [];
  for (const metric of metrics) {
    const keys = partials.get(metric.fingerprint) ?? [];
    results.push(
      await sealMetric(ports, dataset, cut, day, metric, keys, before.entries[metric.fingerprint]),
    );
  }
  return results;
}

/** Keys of the partial states, by metric; those that exist are not computed again. */
async function runUnits(
  ports: SealPorts,
  dataset: string,
  archive: Archive,
  cut: ReachedCut,
  day: UtcDay,
  metrics: readonly Metric[],
): Promise<Map<Fingerprint, string[]>> {
  const keys = new Map<Fingerprint, string[]>(metrics.map((m) => [m.fingerprint, []]));
  for (const [partition, entries] of archive.manifest.entries()) {
    const below = cut.v[partition] ?? 0;
    const wanted: { fingerprint: Fingerprint; key: string }[] = [];
    let inputs: ReturnType<typeof inputsOf> = [];
    for (const metric of metrics) {
      const own = inputsOf(entries, below, [metric], day);
      if (own.length > inputs.length) inputs = own;
      const key = partialKey(ports.sha256, dataset, metric.fingerprint, day, partition, own);
      keys.get(metric.fingerprint)?.push(key);
      if (!(await ports.objects.getRange(key, 0, 1)))
        wanted.push({ fingerprint: metric.fingerprint, key });
    }
    if (wanted.length > 0) {
      const needed = metrics.filter((m) => wanted.some((w) => w.fingerprint === m.fingerprint));
      inputs = inputsOf(entries, below, needed, day);
      await ports.tasks({ task: "unit", dataset, partition, day, inputs, metrics: wanted });
    }
  }
  return keys;
}

async function sealMetric(
  ports: SealPorts,
  dataset: string,
  cut: ReachedCut,
  day: UtcDay,
  metric: Metric,
  partials: readonly string[],
  before: DayEntry | undefined,
): Promise<SealResult> {
  const fp = metric.fingerprint;
  const run = runId(ports.sha256, dataset, fp, day, cut.v, partials);
  const rows = await ports.tasks({ task: "merge-day", fingerprint: fp, day, partials });
  const object: RunObject = { fingerprint: fp, day, v: cut.v, partials };
  await ports.objects.putIfAbsent(
    runObjectKey(dataset, run),
    new TextEncoder().encode(JSON.stringify(object)),
  );
  await writeRows(ports.views, run, rows);
  const published = await publish(ports.views, dataset, day, fp, { run, v: cut.v }, before);
  return { day, fingerprint: fp, run, rows: rows.length, published };
}

/** Writes rows under a run id and proves that the store holds just these. */
export async function writeRows(
  views: ViewStore,
  run: string,
  rows: readonly RunRow[],
): Promise<void> {
  const expected = new RunChecksum();
  for (const row of rows) expected.add(row);
  const sum = expected.done();
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

// Plans the heal of one day: which metrics must run, their runs computed as shadows (written under their ids,
// named by no ledger row), held against what the day shows now, and audited.
import {
  type CutRow,
  type DayRow,
  dayKey,
  dayOf,
  dayStart,
  EMPTY_DAY,
  type Fingerprint,
  formatDay,
  type Metric,
  type RunRow,
  refOf,
  SPAN_GRAINS,
  type UtcDay,
  windowStart,
} from "@tandem/shared-logic";
import { readLedger } from "../ledger.ts";
import { incompleteRun, withoutLost, wouldLose } from "../lost-ranges.ts";
import { type Archive, planDays, type ReachedCut } from "../plan.ts";
import { partialKey, runId } from "../run-id.ts";
import { runUnits, type SealPorts, type WrittenRun, writeRun } from "../seal.ts";
import { inputsOf } from "../unit.ts";
import { AUDIT_BOUNDS, type Audit, type AuditBounds, auditRun } from "./audit.ts";
import {
  type CellChange,
  type CellMap,
  cellsOfRun,
  changesOf,
  changesOfRows,
  listCells,
  type RunShape,
  shapeOf,
} from "./cells.ts";
import { dayTotals, totalsOfChanged } from "./day-totals.ts";
import {
  type HealPlan,
  type KeptPlan,
  keepPlan,
  type MetricChanges,
  type ShadowRun,
} from "./heal-plan.ts";
import { lastRun, readRunRows, shapeOfLast, tenantsOfRun } from "./last-run.ts";

export interface HealFacts {
  readonly dataset: string;
  readonly metrics: readonly Metric[];
  readonly archive: Archive;
  readonly cut: ReachedCut;
  readonly cutRow: CutRow;
}

export interface HealOptions {
  readonly bounds?: Partial<AuditBounds>;
  /** CPU time of this process so far, for the cost. */
  readonly cpuMs?: () => number;
}

type Why = MetricChanges["why"];

export async function planHeal(
  ports: SealPorts,
  facts: HealFacts,
  day: UtcDay,
  options: HealOptions = {},
): Promise<HealPlan> {
  const { dataset, archive, cut } = facts;
  const cpuMs = options.cpuMs ?? (() => 0);
  const startedMs = cpuMs();
  const row = (await readLedger<DayRow>(ports.views, dayKey(dataset, day))).value ?? EMPTY_DAY;
  const wanted = metricsToRun(ports, facts, day, row);
  const metrics = [...wanted.keys()];
  const { partials, cost } = await runUnits(ports, dataset, archive, cut, day, metrics, row);
  const runs: Record<Fingerprint, ShadowRun> = {};
  const before: Record<Fingerprint, { run: string; v: readonly number[] } | null> = {};
  const audits: Audit[] = [];
  const changes: MetricChanges[] = [];
  const bounds = { ...AUDIT_BOUNDS, ...options.bounds };
  for (const [metric, why] of wanted) {
    const fp = metric.fingerprint;
    const made = await writeRun(ports, dataset, cut, day, metric, partials.get(fp) ?? [], row);
    const entry = row.entries[fp];
    if (entry?.run === made.run) continue;
    runs[fp] = {
      run: made.run,
      sum: made.sum,
      ...withoutLost(archive, cut.v, metric, day),
    };
    before[fp] = entry ? { run: entry.run, v: entry.v } : null;
    const compared = await compareRun(ports, dataset, metric, day, row, made);
    const { totals } = compared;
    const shape = shapeOf(metric);
    // Where nobody looks at values, none are made.
    const valued = metric.reducer.atMostEvents || metric.expect !== undefined;
    const cells = listCells(valued ? shape : { ...shape, additive: undefined }, day, made.rows);
    // An edit is meant to change numbers: what it replaces is shown, and no bound to it.
    const comparable = why === "late" || why === "format" ? compared.totalsBefore : undefined;
    audits.push(...auditRun({ metric, cells, totals, before: comparable }, bounds));
    changes.push({
      metric: metric.name,
      version: metric.version,
      fingerprint: fp,
      why,
      changes: compared.changes,
      totals: changesOf(compared.totalsBefore ?? new Map(), totals),
    });
  }
  const kept: KeptPlan = {
    dataset,
    day,
    cut: cut.seq,
    v: cut.v,
    manifests: manifestsOf(ports, facts),
    before,
    runs,
    audits,
  };
  const some = Object.keys(runs).length > 0;
  return {
    run: some ? await keepPlan(ports, kept) : undefined,
    kept,
    metrics: changes,
    incomplete: facts.metrics.flatMap(
      (m) => incompleteRun(archive, cut.v, m, day, row.entries[m.fingerprint]) ?? [],
    ),
    pinned: Object.keys(runs).some((fp) => row.entries[fp as Fingerprint]?.pinned),
    ok: audits.every((a) => a.ok),
    cost: { ...cost, cpuMs: cpuMs() - startedMs },
    stale: metrics.some((m) => !m.reducer.additive && runs[m.fingerprint]) ? spansOf(day) : [],
  };
}

/** Metrics whose run of the day is missing or stale, and why; a pin does not hide that. */
function metricsToRun(
  ports: SealPorts,
  facts: HealFacts,
  day: UtcDay,
  row: DayRow,
): Map<Metric, Why> {
  const { archive, cut, cutRow, metrics } = facts;
  const unpinned = Object.fromEntries(
    Object.entries(row.entries).map(([fp, entry]) => [fp, refOf(entry)]),
  );
  const planned = planDays({
    archive,
    cut,
    cutRow,
    days: new Map([[day, { ...row, entries: unpinned }]]),
    metrics,
    today: (day + 1) as UtcDay,
    includeOpen: true,
    from: day,
    until: (day + 1) as UtcDay,
  });
  const stale = new Set(planned.flatMap((p) => p.metrics));
  const wanted = new Map<Metric, Why>();
  for (const metric of metrics) {
    const entry = row.entries[metric.fingerprint];
    if (!entry) {
      if (stale.has(metric)) wanted.set(metric, lastRun(row, metric) ? "edited" : "new");
    } else if (wouldLose(archive, entry, metric, day)) {
      // A whole run stands where its archive is lost: nothing that could be computed is better.
    } else if (
      !entry.grain &&
      !entry.replayed &&
      entry.run !== runIdAt(ports, facts, day, metric, entry.v)
    )
      wanted.set(metric, "format");
    else if (stale.has(metric)) wanted.set(metric, "late");
  }
  return wanted;
}

/** What this program would call a run of the metric at an older V: another id means other code or format. */
function runIdAt(
  { sha256 }: SealPorts,
  { dataset, archive }: HealFacts,
  day: UtcDay,
  metric: Metric,
  v: readonly number[],
): string {
  const partials = archive.manifest.map((entries, p) => {
    const inputs = inputsOf(entries, v[p] ?? 0, [metric], day);
    return partialKey(sha256, dataset, metric.fingerprint, day, p, inputs);
  });
  return runId(sha256, dataset, metric.fingerprint, day, v, partials);
}

interface Compared {
  readonly changes: readonly CellChange[];
  /** Whole days, of the totals and of groups that changed at least. */
  readonly totals: CellMap;
  /** Undefined where there is no last run, or nobody knows what its rows mean. */
  readonly totalsBefore: CellMap | undefined;
}

async function compareRun(
  ports: SealPorts,
  dataset: string,
  metric: Metric,
  day: UtcDay,
  row: DayRow,
  made: WrittenRun,
): Promise<Compared> {
  const shape = shapeOf(metric);
  if (made.changes) {
    const { before, after } = totalsOfChanged(shape, day, made.rows, made.changes);
    return {
      changes: changesOfRows(shape, day, made.changes),
      totals: after,
      totalsBefore: before,
    };
  }
  const old = await oldRun(ports, dataset, metric, day, row, made.rows);
  const totalsBefore = old && dayTotals(old.shape, day, old.rows);
  const before = old ? cellsOfRun(old.shape, day, old.rows) : new Map();
  const changes = changesOf(before, cellsOfRun(shape, day, made.rows));
  return { changes, totals: dayTotals(shape, day, made.rows), totalsBefore };
}

async function oldRun(
  ports: SealPorts,
  dataset: string,
  metric: Metric,
  day: UtcDay,
  row: DayRow,
  made: readonly RunRow[],
): Promise<{ readonly shape: RunShape; readonly rows: readonly RunRow[] } | undefined> {
  const last = lastRun(row, metric);
  const shape = last && (await shapeOfLast(ports, dataset, metric, last));
  if (!last || !shape) return undefined;
  const { run } = last.entry;
  // Events only come; only an edit can make a tenant go.
  const same = last.fingerprint === metric.fingerprint;
  const tenants = same
    ? new Set(made.map((r) => r.tenant))
    : await tenantsOfRun(ports, dataset, run);
  return { shape, rows: await readRunRows(ports, shape, day, run, tenants) };
}

function manifestsOf({ sha256 }: SealPorts, { archive, cut }: HealFacts) {
  return archive.manifest.map((entries, partition) => {
    const to = cut.v[partition] ?? 0;
    const below = entries.filter((e) => e.to <= to);
    const text = JSON.stringify(below.map((e) => [e.from, e.to, e.sha256]));
    const hash = sha256(new TextEncoder().encode(text));
    return { partition, to, objects: below.length, sha256: hash };
  });
}

const spansOf = (day: UtcDay): string[] =>
  SPAN_GRAINS.map((grain) => `${grain} ${formatDay(dayOf(windowStart(dayStart(day), grain)))}`);

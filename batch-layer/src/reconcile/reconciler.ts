// Compares what the speed layer had with what batch sealed, day by day, and keeps what it found in the ledger:
// one row a tenant and day, and one that says which days were compared at which runs. Facts alone decide what is
// due, so that nothing is lost with a process and a day is compared again when its runs change.
import {
  type Bounds,
  type Clock,
  type Comparison,
  type ComparisonRow,
  compareDay,
  comparisonKey,
  type DayRow,
  dayKey,
  type Metric,
  RECONCILE_BOUNDS,
  RECONCILED_DAYS,
  type ReconciledRow,
  reconciledKey,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { tenantsOfRun } from "../heal/last-run.ts";
import { casLedger, readLedger } from "../ledger.ts";
import type { Archive } from "../plan.ts";
import type { Batch } from "../run-batch.ts";
import type { UnitPorts } from "../unit.ts";
import { comparable, readDay } from "./read-day.ts";

export interface ReconcilePorts extends Pick<UnitPorts, "objects" | "sha256"> {
  readonly views: ViewStore;
  readonly clock: Pick<Clock, "now">;
}

export interface ReconciledDay {
  readonly day: UtcDay;
  /** By tenant. */
  readonly found: ReadonlyMap<string, readonly Comparison[]>;
}

const UNTIL_WRITTEN = 10;

export class Reconciler {
  private readonly ports: ReconcilePorts;
  private readonly batch: Batch;
  private readonly dataset: string;
  private readonly metrics: readonly Metric[];
  private readonly bounds: Bounds;

  constructor(
    ports: ReconcilePorts,
    batch: Batch,
    dataset: string,
    metrics: readonly Metric[],
    bounds: Bounds = RECONCILE_BOUNDS,
  ) {
    this.ports = ports;
    this.batch = batch;
    this.dataset = dataset;
    this.metrics = metrics;
    this.bounds = bounds;
  }

  /** Compares days that are due and that the speed layer has reached, the newest first. */
  async reconcile(most = Number.POSITIVE_INFINITY): Promise<ReconciledDay[]> {
    const done: ReconciledDay[] = [];
    const due = await this.due();
    if (due.length === 0) return done;
    const archive = await this.batch.archive();
    for (const { day, row } of due) {
      if (done.length >= most) break;
      const reconciled = await this.compare(archive, day, row);
      if (reconciled) done.push(reconciled);
    }
    return done;
  }

  /** Days whose runs are not those that were compared last. */
  private async due(): Promise<{ readonly day: UtcDay; readonly row: DayRow }[]> {
    const { views } = this.ports;
    const index = (await readLedger<ReconciledRow>(views, reconciledKey(this.dataset))).value;
    const prefix = dayKey(this.dataset, 0 as UtcDay).slice(0, -1);
    const rows = (await views.ledgerRows(prefix)).map(({ key, value }) => ({
      day: Number(key.slice(prefix.length)) as UtcDay,
      row: JSON.parse(value) as DayRow,
    }));
    const newest = Math.max(...rows.map((r) => r.day));
    return rows
      .filter(({ day, row }) => {
        const runs = this.digestOf(row);
        const known = index?.days[day]?.runs;
        return runs !== undefined && runs !== known && day > newest - RECONCILED_DAYS;
      })
      .sort((a, b) => b.day - a.day);
  }

  /** Undefined: no run of a metric that is known here. */
  private digestOf(row: DayRow): string | undefined {
    const runs = this.metrics
      .map(({ fingerprint: fp }) => [fp, row.entries[fp]?.run])
      .filter(([, run]) => run !== undefined);
    if (runs.length === 0) return undefined;
    return this.ports.sha256(new TextEncoder().encode(JSON.stringify(runs.sort()))).slice(0, 16);
  }

  /** Undefined where the speed layer has not come so far. */
  private async compare(
    archive: Archive,
    day: UtcDay,
    row: DayRow,
  ): Promise<ReconciledDay | undefined> {
    const { views, objects } = this.ports;
    const { dataset } = this;
    const positions = await views.positions(dataset, archive.genesis.length);
    const found = new Map<string, Comparison[]>();
    for (const metric of this.metrics) {
      const entry = row.entries[metric.fingerprint];
      if (!entry || entry.lost) continue;
      if (!entry.v.every((v, p) => (positions[p]?.to ?? 0) >= v)) return undefined;
      if (!(await comparable(views, dataset, archive, metric, day))) continue;
      for (const tenant of await tenantsOfRun({ views, objects }, dataset, entry.run)) {
        const place = { dataset, tenant, day, row, archive };
        const comparison = compareDay(await readDay(views, place, metric, entry), this.bounds);
        found.set(tenant, [...(found.get(tenant) ?? []), comparison]);
      }
    }
    for (const [tenant, metrics] of found) await this.keep(tenant, day, metrics);
    await this.mark(day, row, found);
    return { day, found };
  }

  private async keep(tenant: string, day: UtcDay, metrics: readonly Comparison[]): Promise<void> {
    const key = comparisonKey(this.dataset, tenant, day);
    const row: ComparisonRow = { day, at: this.ports.clock.now(), metrics };
    await this.write<ComparisonRow>(key, (seen) => (seen && seen.day > day ? undefined : row));
  }

  private async mark(day: UtcDay, row: DayRow, found: ReconciledDay["found"]): Promise<void> {
    const unexplained = new Set<string>();
    for (const metrics of found.values())
      for (const m of metrics) if (m.unexplained.length > 0) unexplained.add(m.metric);
    const entry = { runs: this.digestOf(row) ?? "", unexplained: [...unexplained].sort() };
    await this.write<ReconciledRow>(reconciledKey(this.dataset), (seen) => {
      const days: ReconciledRow["days"] = { ...seen?.days, [day]: entry };
      const newest = Math.max(...Object.keys(days).map(Number));
      const kept = Object.entries(days).filter(([d]) => Number(d) > newest - RECONCILED_DAYS);
      return { days: Object.fromEntries(kept) };
    });
  }

  /** What cannot be written because others keep writing is compared again. */
  private async write<T>(key: string, next: (seen: T | undefined) => T | undefined): Promise<void> {
    for (let attempt = 0; attempt < UNTIL_WRITTEN; attempt++) {
      const seen = await readLedger<T>(this.ports.views, key);
      const row = next(seen.value);
      if (row === undefined || (await casLedger(this.ports.views, key, seen, row))) return;
    }
  }
}

// One batch run: bring the log's metrics up to the catalogue, cut, wait until the archive has reached the
// cut, plan, seal what the plan says, then rebuild the weeks and months it touched. What needs a damaged object is
// set aside and named; the rest is published.
import {
  type Clock,
  type CutRow,
  cutKey,
  type DatasetRow,
  type DayRow,
  datasetKey,
  dayKey,
  dayOf,
  type EventLog,
  formatDay,
  highestSeq,
  type ManifestEntry,
  ManifestIndex,
  type Metric,
  newestCut,
  type RetentionRow,
  repairsKey,
  retentionKey,
  type StopSignal,
  TandemError,
  type UtcDay,
  withExpired,
} from "@tandem/shared-logic";
import type { BatchOutcome, BatchRequest } from "./batch-request.ts";
import { eachLimited } from "./each-limited.ts";
import { describeMetrics } from "./heal/last-run.ts";
import { casLedger, readLedger } from "./ledger.ts";
import { makeCut } from "./make-cut.ts";
import { type Archive, dataDays, type PlannedDay, planDays, type ReachedCut } from "./plan.ts";
import { reconciledCuts } from "./reconcile-cuts.ts";
import { type SealPorts, type SealResult, sealDay } from "./seal.ts";
import { isDamaged, type SetAside } from "./set-aside-damage.ts";
import { refreshSpans } from "./spans.ts";
import { refreshVisible } from "./versions/visible-rows.ts";

/** Has one planned day sealed. */
export type SealDay = (
  archive: Archive,
  cut: ReachedCut,
  day: UtcDay,
  metrics: readonly Metric[],
  signal?: StopSignal,
) => Promise<SealResult[]>;

export interface BatchPorts extends SealPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  /** Absent: days are sealed here, one after the other. */
  readonly sealDay?: SealDay;
  /** Days under way at once. Default 1. */
  readonly daysAtOnce?: number;
}

export class Batch {
  private readonly ports: BatchPorts;
  private readonly dataset: string;
  private readonly metrics: readonly Metric[];
  private index: ManifestIndex | undefined;
  private repairs = 0;
  private described = false;

  constructor(ports: BatchPorts, dataset: string, metrics: readonly Metric[]) {
    this.ports = ports;
    this.dataset = dataset;
    this.metrics = metrics;
  }

  async archive(): Promise<Archive> {
    const row = await readLedger<DatasetRow>(this.ports.views, datasetKey(this.dataset));
    if (!row.value)
      throw new TandemError("configuration", {
        message: `dataset ${this.dataset} was not created`,
      });
    const genesis = row.value.genesis;
    // Entries never change but by a repair.
    const repairs = (await this.ports.views.ledger(repairsKey(this.dataset)))?.version ?? 0;
    if (repairs !== this.repairs) this.index = undefined;
    this.repairs = repairs;
    this.index ??= new ManifestIndex(this.ports.objects, this.dataset, genesis);
    await this.index.poll();
    const key = retentionKey(this.dataset);
    const { value } = await readLedger<RetentionRow>(this.ports.views, key);
    const told = (e: ManifestEntry): ManifestEntry => (value ? withExpired(value, e) : e);
    const { entries } = this.index;
    const some = (value?.expired.length ?? 0) > 0;
    return { genesis, manifest: entries.map((p) => (some ? p.map(told) : [...p])) };
  }

  async run(request: BatchRequest = {}): Promise<BatchOutcome> {
    const { archive, cut } = await this.reachedCut(request);
    request.progress?.({ step: "archived", seq: cut.seq });
    const planned = await this.plan(archive, cut, request);
    const runs = planned.reduce((n, d) => n + d.metrics.length, 0);
    request.progress?.({ step: "planned", days: planned.length, runs });
    await this.fixFirstDay(archive, cut);
    const sealed: SealResult[] = [];
    const setAside: SetAside[] = [];
    const onDamage = (what: SetAside): void => {
      setAside.push(what);
      request.progress?.({ step: "set-aside", what });
    };
    const seal: SealDay =
      this.ports.sealDay ??
      ((a, c, day, metrics) => sealDay(this.ports, this.dataset, a, c, day, metrics));
    let done = 0;
    await eachLimited(planned, this.ports.daysAtOnce ?? 1, async ({ day, metrics }) => {
      if (request.signal?.aborted) throw new TandemError("cancelled");
      let results: SealResult[];
      try {
        results = await seal(archive, cut, day, metrics, request.signal);
      } catch (error) {
        if (!isDamaged(error)) throw error;
        return onDamage({ at: formatDay(day), day, error });
      }
      sealed.push(...results);
      request.progress?.({
        step: "sealed",
        day: formatDay(day),
        done: ++done,
        of: planned.length,
        runs: results.length,
      });
    });
    const { dataset, metrics } = this;
    const days = await this.spanDays(archive, cut, sealed);
    const spans = await refreshSpans(this.ports, { dataset, archive, metrics }, days, onDamage);
    if (spans.length > 0) request.progress?.({ step: "spans", changed: spans.length });
    const cutRow = await this.cutRow();
    const versions = await refreshVisible(this.ports, dataset, metrics, archive, cutRow);
    for (const change of versions.changes)
      if (change.from !== undefined) request.progress?.({ step: "visible", ...change });
    return { cut, planned: runs, sealed, spans, setAside, versions };
  }

  /** The days that a plan would seal now, against the newest cut that the archive has reached. */
  async plan(archive: Archive, cut: ReachedCut, request: BatchRequest): Promise<PlannedDay[]> {
    const cutRow = await this.cutRow();
    const data = dataDays(archive, cut.v);
    if (!data) return [];
    const days = new Map<UtcDay, DayRow>();
    for (let day = data.first; day <= data.last; day = (day + 1) as UtcDay) {
      const row = (await readLedger<DayRow>(this.ports.views, dayKey(this.dataset, day))).value;
      if (row) days.set(day, row);
    }
    const planned = planDays({
      archive,
      cut,
      cutRow,
      days,
      metrics: this.metrics,
      today: dayOf(this.ports.clock.now()),
      includeOpen: request.includeOpen ?? false,
      ...(request.from === undefined ? {} : { from: request.from }),
      ...(request.until === undefined ? {} : { until: request.until }),
    });
    if (!request.onlyUnsealed) return planned;
    return planned.flatMap(({ day, metrics }) => {
      const unsealed = metrics.filter((m) => !days.get(day)?.entries[m.fingerprint]);
      return unsealed.length > 0 ? [{ day, metrics: unsealed }] : [];
    });
  }

  /** A cut that the archive has reached, and that is the one the ledger means by its seq. */
  async reachedCut(request: BatchRequest = {}): Promise<{ archive: Archive; cut: ReachedCut }> {
    if (!this.described) await describeMetrics(this.ports.objects, this.dataset, this.metrics);
    this.described = true;
    for (let attempt = 0; attempt < 10; attempt++) {
      const reached = await this.reached(await this.cut(request), request);
      if (!(await this.reconcile(reached.archive))) return reached;
    }
    throw this.othersCut();
  }

  /** Repairs a ledger that lies behind the log's cuts; true where it did. */
  private async reconcile(archive: Archive): Promise<boolean> {
    const key = cutKey(this.dataset);
    const seen = await readLedger<CutRow>(this.ports.views, key);
    const created = await readLedger<DatasetRow>(this.ports.views, datasetKey(this.dataset));
    if (!seen.value || !created.value) return false;
    const row = reconciledCuts(seen.value, created.value.first, archive.manifest);
    if (!row) return false;
    await casLedger(this.ports.views, key, seen, row);
    return true;
  }

  private othersCut(): TandemError {
    return new TandemError("store_unavailable", {
      message: "other planners keep cutting; try again",
    });
  }

  /** A new cut, or the newest one where nothing was appended since and no metric is new. */
  private async cut(request: BatchRequest): Promise<number> {
    for (let attempt = 0; attempt < 10; attempt++) {
      const archive = await this.archive();
      if (await this.reconcile(archive)) continue;
      const row = await this.cutRow();
      const activates = this.metrics
        .map((m) => m.fingerprint)
        .filter((fp) => row.activatedAt[fp] === undefined);
      const newest = newestCut(archive.manifest);
      if (
        row.done &&
        activates.length === 0 &&
        !request.settings &&
        newest &&
        newest.seq === row.seq
      ) {
        const ends = (await this.ports.log.ranges(this.dataset)).map((r) => r.end);
        if (ends.every((end, p) => end === newest.v[p])) return newest.seq;
      }
      const change = { activates, ...(request.settings ? { settings: request.settings } : {}) };
      const seq = await makeCut(this.ports, this.dataset, change, highestSeq(archive.manifest));
      if (seq === undefined) continue;
      request.progress?.({ step: "cut", seq, activates: activates.length });
      return seq;
    }
    throw this.othersCut();
  }

  private async reached(
    seq: number,
    request: BatchRequest,
  ): Promise<{ archive: Archive; cut: ReachedCut }> {
    const waitMs = request.archiveMs ?? 120_000;
    const until = this.ports.clock.now() + waitMs;
    for (;;) {
      const archive = await this.archive();
      const cut = newestCut(archive.manifest);
      if (cut && cut.seq >= seq) return { archive, cut };
      if (this.ports.clock.now() >= until) {
        throw new TandemError("store_unavailable", {
          message: `the archive has not reached cut ${seq}; is an archiver running for every partition?`,
          details: { seq, reached: cut?.seq ?? null },
        });
      }
      await this.ports.clock.sleep(waitMs / 5000, request.signal);
    }
  }

  async cutRow(): Promise<CutRow> {
    const { value } = await readLedger<CutRow>(this.ports.views, cutKey(this.dataset));
    if (!value)
      throw new TandemError("configuration", {
        message: `dataset ${this.dataset} was not created`,
      });
    return value;
  }

  private async fixFirstDay(archive: Archive, cut: ReachedCut): Promise<void> {
    const key = datasetKey(this.dataset);
    const seen = await readLedger<DatasetRow>(this.ports.views, key);
    const first = dataDays(archive, cut.v)?.first;
    if (!seen.value || seen.value.firstDay !== undefined || first === undefined) return;
    await casLedger(this.ports.views, key, seen, { ...seen.value, firstDay: first });
  }

  /** Days whose spans may be stale: those sealed now, and all with data where a run was cut short before. */
  private async spanDays(
    archive: Archive,
    cut: ReachedCut,
    sealed: readonly SealResult[],
  ): Promise<Set<UtcDay>> {
    const days = new Set(sealed.map((s) => s.day));
    const data = dataDays(archive, cut.v);
    if (data) for (let d = data.first; d <= data.last; d = (d + 1) as UtcDay) days.add(d);
    return days;
  }
}

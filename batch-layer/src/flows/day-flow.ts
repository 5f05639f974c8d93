// A day's work spread over processes: a job for the day with a child for each of its partitions. Children
// make partial states, which are objects, so that whoever works on the day finds them; the day's job merges
// and publishes. Nothing of it is truth: a job that fails, is lost, or is done twice changes no number, and
// without a queue the planner does the day by itself (JobQueue, lines 1 to 3).
import {
  type Clock,
  type DayRow,
  dayKey,
  EMPTY_DAY,
  type Fingerprint,
  formatDay,
  type Job,
  type JobQueue,
  type Json,
  type Metric,
  type StopSignal,
  TandemError,
  type UtcDay,
} from "@tandem/shared-logic";
import { planUnit } from "../heal/unit-tasks.ts";
import { readLedger } from "../ledger.ts";
import type { Archive, ReachedCut } from "../plan.ts";
import { type SealPorts, type SealResult, sealDay } from "../seal.ts";

export interface DayFlowParts extends SealPorts {
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly dataset: string;
  readonly metrics: readonly Metric[];
  /** What is archived now. */
  readonly archive: () => Promise<Archive>;
  /** Told where the queue failed and the day was done without it. */
  readonly onError?: (error: unknown, where: string) => void;
  /** Told how a unit ended and how long it took. */
  readonly onUnit?: (state: "done" | "failed", tookMs: number) => void;
}

/** Job data: names and offsets alone. */
type DayJob = {
  readonly day: number;
  readonly seq: number;
  readonly v: readonly number[];
  readonly metrics: readonly string[];
};
type UnitJob = DayJob & { readonly partition: number };

export const DAYS = "days";
export const UNITS = "units";
const LOOK_MS = 200;
/** Nothing heard of a day for so long: the planner does it itself, which harms nobody. */
const PATIENCE_MS = 10 * 60_000;

export class DayFlow {
  private readonly parts: DayFlowParts;
  private readonly byFingerprint: ReadonlyMap<string, Metric>;

  constructor(parts: DayFlowParts) {
    this.parts = parts;
    this.byFingerprint = new Map(parts.metrics.map((m) => [m.fingerprint, m]));
  }

  /** Has the day sealed by whoever works on the queue. */
  async seal(
    archive: Archive,
    cut: ReachedCut,
    day: UtcDay,
    metrics: readonly Metric[],
    signal?: StopSignal,
  ): Promise<SealResult[]> {
    const { dataset, onError } = this.parts;
    const before = await this.row(day);
    try {
      if ((await this.spread(archive, cut, day, metrics, signal)) === "done")
        return this.results(cut, day, metrics, before);
    } catch (error) {
      if (!(error instanceof TandemError && error.retryable)) throw error;
      onError?.(error, "days");
    }
    return sealDay(this.parts, dataset, archive, cut, day, metrics);
  }

  /** Works on days and units, `units` of them at once; the returned function stops. */
  async work(units: number): Promise<() => Promise<void>> {
    const { queue } = this.parts;
    const stops = [
      await queue.process(UNITS, units, (job) => this.runUnit(job)),
      await queue.process(DAYS, 1, (job) => this.runDay(job)),
    ];
    return async () => void (await Promise.all(stops.map((stop) => stop())));
  }

  private async spread(
    archive: Archive,
    cut: ReachedCut,
    day: UtcDay,
    metrics: readonly Metric[],
    signal: StopSignal | undefined,
  ): Promise<"done" | "failed"> {
    const { queue, clock, dataset, sha256 } = this.parts;
    const fingerprints = metrics.map((m) => m.fingerprint).sort();
    const data = { day, seq: cut.seq, v: cut.v, metrics: fingerprints } satisfies DayJob & Json;
    const what = sha256(new TextEncoder().encode(JSON.stringify(data))).slice(0, 16);
    const key = `${dataset}/${formatDay(day)}/${what}`;
    const children = archive.manifest.map((_, partition) => ({
      queue: UNITS,
      key: `${key}/${partition}`,
      data: { ...data, partition },
    }));
    await queue.add({ queue: DAYS, key, data, children });
    const until = clock.now() + PATIENCE_MS;
    while (clock.now() < until) {
      const state = await queue.state(DAYS, key);
      if (state === "done" || state === "failed") return state;
      // Forgotten by a queue that lost its memory.
      if (state === undefined) return "failed";
      await clock.sleep(LOOK_MS, signal);
    }
    return "failed";
  }

  private async runUnit(job: Job): Promise<void> {
    const { clock, dataset, onUnit } = this.parts;
    const { day, v, metrics, partition } = job.data as UnitJob;
    const beganMs = clock.now();
    try {
      const archive = await this.archiveTo(v);
      const entries = archive.manifest[partition] ?? [];
      const row = await this.row(day as UtcDay);
      const place = {
        dataset,
        partition,
        day: day as UtcDay,
        entries,
        below: v[partition] ?? 0,
        row,
      };
      const { tasks } = await planUnit(this.parts, place, this.known(metrics));
      for (const task of tasks) await this.parts.tasks(task);
      onUnit?.("done", clock.now() - beganMs);
    } catch (error) {
      onUnit?.("failed", clock.now() - beganMs);
      throw error;
    }
  }

  private async runDay(job: Job): Promise<void> {
    const { day, seq, v, metrics } = job.data as DayJob;
    const archive = await this.archiveTo(v);
    const { dataset } = this.parts;
    await sealDay(this.parts, dataset, archive, { seq, v }, day as UtcDay, this.known(metrics));
  }

  /** The archive, which must have reached V: its planner saw that, and the object store does not forget. */
  private async archiveTo(v: readonly number[]): Promise<Archive> {
    const archive = await this.parts.archive();
    const short = v.findIndex((to, p) => (archive.manifest[p]?.at(-1)?.to ?? 0) < to && to > 0);
    if (short >= 0 && (archive.genesis[short] ?? 0) < (v[short] ?? 0)) {
      throw new TandemError("store_unavailable", {
        message: `the archive of partition ${short} does not reach offset ${v[short]} yet`,
      });
    }
    return archive;
  }

  private known(fingerprints: readonly string[]): Metric[] {
    return fingerprints.map((fp) => {
      const metric = this.byFingerprint.get(fp);
      if (metric) return metric;
      throw new TandemError("metric_missing", {
        message: `a job asks for metric ${fp}, whose file this process does not have: give every batch process the same metric folders`,
        details: { fingerprint: fp },
      });
    });
  }

  private async row(day: UtcDay): Promise<DayRow> {
    const key = dayKey(this.parts.dataset, day);
    return (await readLedger<DayRow>(this.parts.views, key)).value ?? EMPTY_DAY;
  }

  /** What became of the day's runs, from the ledger. */
  private async results(
    cut: ReachedCut,
    day: UtcDay,
    metrics: readonly Metric[],
    before: DayRow,
  ): Promise<SealResult[]> {
    const { entries } = await this.row(day);
    const results: SealResult[] = [];
    for (const { fingerprint } of metrics) {
      const entry = entries[fingerprint];
      if (!entry) continue;
      const ours = !entry.pinned && entry.v.every((to, p) => to === cut.v[p]);
      const unchanged = before.entries[fingerprint]?.run === entry.run;
      const { count: rows } = await this.parts.views.readBack(entry.run);
      const published = ours
        ? ({ state: unchanged ? "unchanged" : "published", run: entry.run } as const)
        : ({ state: "superseded", by: entry.run, pinned: entry.pinned ?? false } as const);
      results.push({
        day,
        fingerprint: fingerprint as Fingerprint,
        run: entry.run,
        rows,
        published,
      });
    }
    return results;
  }
}

// A dataset in memory whose speed rows and runs are folded from plain events by the real folds, with
// flushes, runs and drops done by hand: what the serving layer reads, without workers or an archive.
import {
  MemoryObjectStore,
  MemoryViewStore,
  type MemoryViewStoreOptions,
} from "@tandem/adapters/memory";
import { addPartial, type Cells, runRows } from "@tandem/batch-layer";
import { QueryEngine, type QueryEngineOptions } from "@tandem/serving";
import {
  type BlockRow,
  type DatasetRow,
  type DayRow,
  type Doubt,
  datasetKey,
  dayKey,
  EMPTY_DAY,
  type EpochMs,
  encodePartial,
  epochMs,
  Fold,
  type Metric,
  plusMs,
  runObjectKey,
  SURE,
  type UtcDay,
} from "@tandem/shared-logic";
import { columnsOf, type PlainEvent } from "@tandem/shared-logic/testing";

export const DATASET = "events";
/** 2019-10-01. */
export const DAY = 18_170 as UtcDay;
export const at = (text: string): EpochMs => epochMs(Date.parse(text));

export interface Logged {
  readonly tenant: string;
  readonly event: PlainEvent;
  readonly doubt: Doubt;
  readonly loggedMs: EpochMs;
}

export interface WorldOptions {
  readonly partitions?: number;
  readonly store?: MemoryViewStoreOptions;
  readonly now?: EpochMs;
  readonly firstDay?: UtcDay;
  readonly engine?: Partial<QueryEngineOptions>;
}

export class World {
  readonly views: MemoryViewStore;
  readonly objects = new MemoryObjectStore();
  readonly engine: QueryEngine;
  readonly metrics: readonly Metric[];
  readonly log: Logged[][];
  /** Offsets of the cuts, the genesis first. */
  readonly cuts: number[][];
  now: EpochMs;
  private readonly published = new Map<string, readonly number[]>();
  private beforeRead: () => Promise<void> = async () => {};

  static async create(metrics: readonly Metric[], options: WorldOptions = {}): Promise<World> {
    const world = new World(metrics, options);
    const { views, log } = world;
    const row: DatasetRow = {
      dataset: DATASET,
      genesis: log.map(() => 0),
      first: metrics.map((m) => m.fingerprint),
      settings: { ringIds: 10, generationIds: 10, filterMs: 86_400_000 },
      firstDay: options.firstDay ?? DAY,
    };
    await views.cas(datasetKey(DATASET), 0, JSON.stringify(row));
    return world;
  }

  private constructor(metrics: readonly Metric[], options: WorldOptions) {
    const count = options.partitions ?? 2;
    this.metrics = metrics;
    this.views = new MemoryViewStore(options.store);
    this.log = Array.from({ length: count }, () => []);
    this.cuts = [this.log.map(() => 0)];
    this.now = options.now ?? at("2019-10-05T12:00:00Z");
    // The reader's own calls can be interrupted before each of them.
    const views = new Proxy(this.views, {
      get: (target, name: keyof MemoryViewStore) => {
        const member = target[name];
        if (typeof member !== "function") return member;
        return async (...args: never[]) => {
          await this.beforeRead();
          return Reflect.apply(member, target, args);
        };
      },
    });
    this.engine = new QueryEngine({
      views,
      clock: { now: () => this.now },
      objects: this.objects,
      log: { ranges: async () => this.log.map((l) => ({ start: 0, end: l.length })) },
      metrics,
      dataset: DATASET,
      ...options.engine,
    });
  }

  append(
    event: PlainEvent,
    where: { partition?: number; tenant?: string; doubt?: Doubt } = {},
  ): void {
    const { partition = 0, tenant = "acme", doubt = SURE } = where;
    const event_id = `${partition}-${this.log[partition]?.length}`;
    this.log[partition]?.push({
      tenant,
      event: { event_id, user_id: "ann", ...event },
      doubt,
      loggedMs: this.now,
    });
  }

  stepReads(step: () => Promise<void>): void {
    this.beforeRead = step;
  }

  /** V of the published run. */
  runOf(metric: Metric, day: UtcDay): readonly number[] | undefined {
    return this.published.get(`${metric.name} ${day}`);
  }

  /** The offsets of a new cut. */
  cut(): readonly number[] {
    const v = this.log.map((l) => l.length);
    this.cuts.push(v);
    return v;
  }

  /** Rows of every segment of a partition up to `to`, each folded from its start. */
  rows(partition: number, to: number) {
    const bounds = [...new Set(this.cuts.map((c) => c[partition] ?? 0))].filter((b) => b < to);
    return bounds.flatMap((segment, i) => {
      const end = Math.min(bounds[i + 1] ?? to, to);
      return this.metrics.flatMap((m) =>
        fold(m, "approx", this.log[partition]?.slice(segment, end) ?? []).map((row) => ({
          fp: m.fingerprint,
          tenant: row.tenant,
          set: row.set,
          group: row.group,
          startMs: row.startMs,
          segment,
          to: end,
          doubt: row.doubt as Doubt,
          events: row.events,
          skipped: row.skipped,
          state: row.state,
        })),
      );
    });
  }

  async flush(partition: number, to = this.log[partition]?.length ?? 0): Promise<void> {
    const starts = this.metrics.map((m) => ({ fp: m.fingerprint, at: 0 }));
    const rows = this.rows(partition, to);
    await this.views.flush({
      dataset: DATASET,
      partition,
      to,
      asOf: plusMs(this.now, -5000),
      starts,
      rows,
    });
  }

  async flushAll(): Promise<void> {
    for (const p of this.log.keys()) await this.flush(p);
  }

  /** Writes the rows of a run below `v`; publishing them is another matter. */
  async writeRun(metric: Metric, day: UtcDay, v: readonly number[]): Promise<string> {
    const { beforeMs, afterMs } = metric.reducer.reach;
    const [from, until] = [day * 86_400_000 - beforeMs, (day + 1) * 86_400_000 + afterMs];
    const cells: Cells = new Map();
    const run = `${metric.name}-${day}-${v.join("-")}`;
    const partials: string[] = [];
    for (const [p, offset] of v.entries()) {
      const own = this.log[p]?.slice(0, offset).filter(({ event }) => {
        const time = Date.parse(String(event["timestamp"]));
        return time >= from && time < until;
      });
      const rows = fold(metric, "exact", own ?? []);
      addPartial(metric, cells, rows);
      partials.push(`states/${run}-${p}.bin`);
      await this.objects.putIfAbsent(partials[p] ?? "", encodePartial(rows));
    }
    const object = new TextEncoder().encode(JSON.stringify({ partials }));
    await this.objects.putIfAbsent(runObjectKey(DATASET, run), object);
    await this.views.writeRun(run, [...runRows(metric, cells, day)]);
    return run;
  }

  async publish(
    metric: Metric,
    day: UtcDay,
    v: readonly number[],
    pinned = false,
  ): Promise<string> {
    const run = await this.writeRun(metric, day, v);
    const key = dayKey(DATASET, day);
    const seen = await this.views.ledger(key);
    const row: DayRow = seen ? JSON.parse(seen.value) : EMPTY_DAY;
    const entry = { run, v, ...(pinned ? { pinned } : {}) };
    const next = { ...row, entries: { ...row.entries, [metric.fingerprint]: entry } };
    await this.views.cas(key, seen?.version ?? 0, JSON.stringify(next));
    this.published.set(`${metric.name} ${day}`, v);
    return run;
  }

  async ask(metric: Metric | string, params: Record<string, string | string[]>, tenant = "acme") {
    const result = await this.engine.query(
      params,
      typeof metric === "string" ? metric : metric.name,
      tenant,
    );
    if (!result.ok) throw new Error(JSON.stringify(result.problem));
    return result.answer;
  }
}

/** Rows of one metric from logged events, by one fold per doubt-carrying tenant. */
export function fold(
  metric: Metric,
  side: "exact" | "approx",
  logged: readonly Logged[],
): BlockRow[] {
  const folded = new Fold([metric], side, side === "exact" ? Number.POSITIVE_INFINITY : undefined);
  for (const tenant of new Set(logged.map((l) => l.tenant))) {
    const own = logged.filter((l) => l.tenant === tenant);
    const columns = columnsOf(
      own.map((l) => l.event),
      { tenant },
    );
    const rows = Uint32Array.from(own, (_, i) => i);
    folded.fold(
      columns,
      rows,
      Uint8Array.from(own, (l) => l.doubt),
      own.length,
    );
  }
  return [...folded.rows()];
}

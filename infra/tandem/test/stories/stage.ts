// The stage of the stories: all layers on memory adapters and a hand clock, one partition, small filters.
// Nothing happens by itself: events are sent, folded, archived and sealed when a story says so.
import { createHash } from "node:crypto";
import {
  HandClock,
  MemoryCheckpointStore,
  MemoryEventLog,
  MemoryObjectStore,
  MemoryViewStore,
  memoryDeadLetters,
} from "@tandem/adapters/memory";
import { parquetCodec } from "@tandem/adapters/parquet";
import {
  Batch,
  type BatchOutcome,
  type BatchRequest,
  createDataset,
  inlineTasks,
} from "@tandem/batch-layer";
import {
  Archiver,
  COLLECTOR_LIMITS,
  collectorCounters,
  createAcceptor,
  OBJECT_LIMITS,
  type ObjectLimits,
} from "@tandem/ingest";
import { QueryEngine, type QueryParams } from "@tandem/serving";
import {
  type Answer,
  ColumnScanner,
  type DatasetSettings,
  type DayRow,
  dayKey,
  dayOf,
  type EpochMs,
  fieldsOf,
  formatInstant,
  HOUR_MS,
  type Metric,
  type ObjectStore,
  parseInstant,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { SpeedWorker } from "@tandem/speed-layer";

export const DATASET = "events";
export const TENANT = "shop";

/** An event of Ann's, if nothing else is said. */
export interface Told {
  readonly id: string;
  readonly at: string;
  readonly type?: string;
  readonly user?: string;
  readonly price?: number;
}

export const SMALL_FILTERS = { ringIds: 4, generationIds: 10_000, filterMs: 24 * HOUR_MS };

export const instant = (text: string): EpochMs => {
  const at = parseInstant(text);
  if (at === undefined) throw new RangeError(text);
  return at;
};
export const dayNamed = (text: string): UtcDay => dayOf(instant(`${text}T00:00:00Z`));

/** In the place of the memory's own. */
export interface Stores {
  readonly views?: ViewStore;
  readonly objects?: ObjectStore;
}

export class Stage {
  readonly clock: HandClock;
  readonly ports;
  readonly unitPorts;
  metrics: readonly Metric[];
  /** Where archive objects end. */
  objectLimits: ObjectLimits = OBJECT_LIMITS;
  worker!: SpeedWorker;
  batch!: Batch;
  private engine!: QueryEngine;
  private owners = 0;
  private partitions = 1;

  private constructor(now: string, metrics: readonly Metric[], stores: Stores) {
    this.clock = new HandClock(instant(now));
    const { clock } = this;
    this.ports = {
      clock,
      log: new MemoryEventLog(clock),
      objects: stores.objects ?? (new MemoryObjectStore() as ObjectStore),
      checkpoints: new MemoryCheckpointStore(),
      views: stores.views ?? (new MemoryViewStore() as ViewStore),
      deadLetters: memoryDeadLetters(clock),
    };
    const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
    this.unitPorts = { objects: this.ports.objects, codec: parquetCodec, sha256 };
    this.metrics = metrics;
  }

  /** Of several partitions, speed folds the first only. */
  static async at(
    now: string,
    metrics: readonly Metric[],
    partitions = 1,
    settings: DatasetSettings = SMALL_FILTERS,
    stores: Stores = {},
  ): Promise<Stage> {
    const stage = new Stage(now, metrics, stores);
    stage.partitions = partitions;
    const first = metrics.map((m) => m.fingerprint);
    await createDataset(stage.ports, DATASET, partitions, first, settings);
    await stage.restart();
    return stage;
  }

  /** What was in memory is gone; `metrics` are the files that are found now. */
  async restart(metrics: readonly Metric[] = this.metrics): Promise<void> {
    this.metrics = metrics;
    const scanner = new ColumnScanner(["event_id", ...new Set(metrics.flatMap(fieldsOf))]);
    const place = { dataset: DATASET, partition: 0, owner: `w${this.owners++}` };
    this.worker = new SpeedWorker(this.ports, place, metrics, scanner);
    this.batch = this.planner(metrics);
    this.engine = new QueryEngine({ ...this.ports, metrics, dataset: DATASET });
    await this.worker.open();
  }

  /** A planner of its own, seeing the views through `views`. */
  planner(metrics: readonly Metric[], views: ViewStore = this.ports.views): Batch {
    const tasks = inlineTasks(this.unitPorts, (fp) => metrics.find((m) => m.fingerprint === fp));
    return new Batch({ ...this.ports, ...this.unitPorts, views, tasks }, DATASET, metrics);
  }

  async until(at: string): Promise<void> {
    await this.clock.advance(instant(at) - this.clock.now());
  }

  /** Received now. */
  async send(...told: readonly Told[]): Promise<void> {
    const options = { limits: COLLECTOR_LIMITS, counters: collectorCounters(), dataset: DATASET };
    const acceptor = createAcceptor({ ...this.ports, ...options });
    const lines = told.map(({ id, at, type = "page_view", user = "ann", price }) =>
      JSON.stringify({
        event_id: id,
        event_type: type,
        timestamp: at,
        user_id: user,
        ...(price === undefined ? {} : { properties: { price } }),
      }),
    );
    const body = Buffer.from(lines.join("\n"));
    const result = await acceptor.accept({ body, tenant: TENANT, mode: "live" });
    if (result?.accepted !== told.length) throw new RangeError(JSON.stringify(result));
  }

  /** The speed layer catches up with the log. */
  fold(): Promise<void> {
    return this.worker.catchUp();
  }

  /** A batch run, with an archiver beside it; the speed layer stays where it is. */
  async seal(request: BatchRequest = {}, batch: Batch = this.batch): Promise<BatchOutcome> {
    return this.archiving(() => batch.run(request));
  }

  /** An archiver works and time passes until `work` is done. */
  async archiving<T>(work: () => Promise<T>): Promise<T> {
    const parts = { codec: parquetCodec, dataset: DATASET, genesis: 0, limits: this.objectLimits };
    const archivers = Array.from(
      { length: this.partitions },
      (_, partition) => new Archiver({ ...this.ports, ...parts, partition }),
    );
    let done = false;
    const beside = (async () => {
      while (!done) {
        for (const archiver of archivers) await archiver.step();
        await this.clock.advance(30);
      }
    })();
    try {
      return await work();
    } finally {
      done = true;
      await beside;
    }
  }

  async ask(metric: string, params: QueryParams): Promise<Answer> {
    const result = await this.engine.query(params, metric, TENANT);
    if (!result.ok) throw new RangeError(JSON.stringify(result.problem));
    return result.answer;
  }

  /** One whole day, as one point. */
  async day(metric: string, day: string, params: QueryParams = {}): Promise<Answer> {
    const from = `${day}T00:00:00Z`;
    const until = formatInstant((instant(from) + 24 * HOUR_MS) as EpochMs);
    return this.ask(metric, { from, until, grain: "day", ...params });
  }

  async ledger(day: string): Promise<DayRow> {
    const row = await this.ports.views.ledger(dayKey(DATASET, dayNamed(day)));
    return JSON.parse(row?.value ?? '{"entries":{},"selectable":{}}') as DayRow;
  }
}

/** What a reader looks at first. */
export function told(answer: Answer): object {
  const [p] = answer.points;
  return {
    value: p?.value,
    low: p?.low,
    high: p?.high,
    exact: p?.exact,
    layer: p?.layer,
    late_pending: answer.late_pending,
    unchecked: answer.unchecked,
    degraded: answer.degraded,
  };
}

export const exactly = (value: number | null, more: object = {}): object => ({
  value,
  low: value,
  high: value,
  exact: true,
  layer: "batch",
  late_pending: 0,
  unchecked: 0,
  degraded: [],
  ...more,
});

// A stage of one busy day, sealed, with a speed worker that may have a fault, and what the ledger says of it.
import { Reconciler } from "@tandem/batch-layer";
import {
  below,
  ColumnScanner,
  type Comparison,
  type ComparisonRow,
  comparisonKey,
  count,
  decimal,
  distinct,
  fieldsOf,
  HOUR_MS,
  type Metric,
  metric,
  perUser,
  type Random,
  seededRandom,
  sessions,
  sum,
  user,
} from "@tandem/shared-logic";
import { SpeedWorker } from "@tandem/speed-layer";
import { DATASET, dayNamed, Stage, TENANT, type Told } from "../stories/stage.ts";
import { type Faults, faultyLog, type Injected } from "./faulty-log.ts";

export const DAY = "2026-03-02";
const shape = { unit: "things", version: 1, examples: [] };
export const SEEN = metric({ ...shape, name: "seen", title: "Seen", reducer: count() });
export const PEOPLE = metric({
  ...shape,
  name: "people",
  title: "People",
  reducer: distinct(user(), { precision: 8 }),
});
export const METRICS: readonly Metric[] = [
  SEEN,
  PEOPLE,
  metric({
    ...shape,
    name: "spent",
    title: "Spent",
    reducer: sum(decimal("properties.price", { scale: 2 })),
  }),
  metric({ ...shape, name: "visits", title: "Visits", reducer: perUser(sessions()) }),
];

/** Nothing grows old in them. */
export const FILTERS = { ringIds: 65_536, generationIds: 1_000_000, filterMs: 96 * HOUR_MS };

export function eventsOf(random: Random, n: number, prefix = "e"): Told[] {
  return Array.from({ length: n }, (_, i) => {
    const minute = below(random, 1440);
    const [h, m] = [Math.floor(minute / 60), minute % 60].map((x) => String(x).padStart(2, "0"));
    const user = `u${below(random, Math.ceil(n / 3))}`;
    return {
      id: `${prefix}${i}`,
      at: `${DAY}T${h}:${m}:00Z`,
      user,
      price: below(random, 999) / 100,
    };
  });
}

export class Reconciled {
  readonly stage: Stage;
  readonly injected: Injected;

  private constructor(stage: Stage, injected: Injected) {
    this.stage = stage;
    this.injected = injected;
  }

  /** `speedMetrics`: what the speed layer takes them for. */
  static async at(
    random: Random,
    faults: Faults = {},
    speedMetrics: readonly Metric[] = METRICS,
  ): Promise<Reconciled> {
    const stage = await Stage.at(`${DAY}T23:59:00Z`, METRICS, 1, FILTERS);
    const [log, injected] = faultyLog(stage.ports.log, random, faults);
    const scanner = new ColumnScanner(["event_id", ...new Set(speedMetrics.flatMap(fieldsOf))]);
    const place = { dataset: DATASET, partition: 0, owner: "faulty" };
    stage.worker = new SpeedWorker({ ...stage.ports, log }, place, speedMetrics, scanner);
    await stage.worker.open();
    return new Reconciled(stage, injected);
  }

  /** A sealed and compared day of 400 events, of which speed lacks one in twenty. */
  static async lossy(): Promise<Reconciled> {
    const random = seededRandom(1);
    const made = await Reconciled.at(random, { drop: 0.05 });
    await made.send(eventsOf(random, 400));
    await made.seal("2026-03-03T00:10:00Z");
    await made.reconcile();
    return made;
  }

  async send(told: readonly Told[]): Promise<void> {
    for (let i = 0; i < told.length; i += 500) await this.stage.send(...told.slice(i, i + 500));
  }

  async seal(at: string): Promise<void> {
    await this.stage.until(at);
    await this.stage.fold();
    await this.stage.seal();
    await this.stage.fold();
  }

  async reconcile(): Promise<Comparison[]> {
    const { ports, unitPorts, batch, metrics } = this.stage;
    await new Reconciler({ ...ports, ...unitPorts }, batch, DATASET, metrics).reconcile();
    return this.stored();
  }

  /** What the ledger has. */
  async stored(): Promise<Comparison[]> {
    const row = await this.stage.ports.views.ledger(comparisonKey(DATASET, TENANT, dayNamed(DAY)));
    return row ? [...(JSON.parse(row.value) as ComparisonRow).metrics] : [];
  }
}

export function of(found: readonly Comparison[], name: string): Comparison {
  const comparison = found.find((c) => c.metric === name);
  if (!comparison) throw new RangeError(name);
  return comparison;
}

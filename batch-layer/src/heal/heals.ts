// Heals of one dataset: plan, apply, roll back, unpin. Each step is a function of the ledger and the archive;
// nothing is remembered between them, so that any process may take the next one.
import {
  type AskedRow,
  askedKey,
  type DayRow,
  dayKey,
  dayOf,
  type EpochMs,
  formatDay,
  type HealAutoRow,
  type Metric,
  type UtcDay,
} from "@tandem/shared-logic";
import type { BatchRequest } from "../batch-request.ts";
import { readLedger } from "../ledger.ts";
import { withStates } from "../rebuild-state.ts";
import type { Batch, BatchPorts } from "../run-batch.ts";
import { isDamaged, type SetAside } from "../set-aside-damage.ts";
import { refreshSpans } from "../spans.ts";
import { type Applied, applyHeal } from "./apply-heal.ts";
import { healAuto, setHealAuto } from "./heal-auto.ts";
import { type HealPlan, readPlan } from "./heal-plan.ts";
import { dueAt, type LateDay, lateDays, priorityOf } from "./late-days.ts";
import { type HealOptions, planHeal } from "./plan-heal.ts";
import { type Move, rollbackDay, unpinDay } from "./rollback-day.ts";

/** Who asks for it; stands in the day's ledger row. */
export interface Asker {
  readonly by: string;
}

/** A day with late records, and its place in the queue. */
export interface QueuedDay {
  readonly late: LateDay;
  /** Undefined: on demand alone. */
  readonly dueMs: EpochMs | undefined;
  readonly due: boolean;
  readonly asked: number;
  readonly priority: number;
}

export type HealRequest = HealOptions &
  Pick<BatchRequest, "archiveMs" | "signal" | "progress"> & {
    /** Told of days that need a damaged object; without it the first one throws. */
    readonly onDamage?: (what: SetAside) => void;
  };

export class Heals {
  private readonly ports: BatchPorts;
  private readonly batch: Batch;
  private readonly dataset: string;
  private readonly metrics: readonly Metric[];

  constructor(ports: BatchPorts, batch: Batch, dataset: string, metrics: readonly Metric[]) {
    this.ports = ports;
    this.batch = batch;
    this.dataset = dataset;
    this.metrics = metrics;
  }

  /** One plan a day, all at one cut; none of days that `onDamage` is told of. */
  async plan(days: readonly UtcDay[], request: HealRequest = {}): Promise<HealPlan[]> {
    const { archive, cut } = await this.batch.reachedCut(request);
    const cutRow = await this.batch.cutRow();
    const facts = { dataset: this.dataset, metrics: this.metrics, archive, cut, cutRow };
    const plans: HealPlan[] = [];
    for (const day of days)
      try {
        const plan = () => planHeal(this.ports, facts, day, request);
        plans.push(await withStates(this.ports, facts, plan));
      } catch (error) {
        if (!request.onDamage || !isDamaged(error)) throw error;
        request.onDamage({ at: formatDay(day), day, error });
      }
    return plans;
  }

  /** Undefined where no such plan is kept. Weeks and months of the day do not count until `rebuild`. */
  async apply(run: string, { by }: Asker): Promise<Applied | undefined> {
    const plan = await readPlan(this.ports, this.dataset, run);
    if (!plan) return undefined;
    return applyHeal(this.ports.views, plan, { by, at: this.ports.clock.now() });
  }

  /** Rebuilds the weeks and months that days lie in, once for all of them; keys of those that changed. */
  async rebuild(days: Iterable<UtcDay>): Promise<string[]> {
    const { dataset, metrics } = this;
    const facts = { dataset, metrics, archive: await this.batch.archive() };
    const all = new Set(days);
    return refreshSpans(this.ports, facts, all);
  }

  /** Empty where there is no older run. `to`: a run of one metric. */
  rollback(day: UtcDay, { by }: Asker, to?: string): Promise<Move[]> {
    const actor = { by, at: this.ports.clock.now() };
    return rollbackDay(this.ports.views, this.dataset, day, this.metrics, actor, to);
  }

  unpin(day: UtcDay, { by }: Asker): Promise<boolean> {
    return unpinDay(this.ports.views, this.dataset, day, { by, at: this.ports.clock.now() });
  }

  auto(): Promise<HealAutoRow> {
    return healAuto(this.ports.views, this.dataset);
  }

  setAuto(on: boolean, { by }: Asker): Promise<void> {
    return setHealAuto(this.ports.views, this.dataset, { on, by, at: this.ports.clock.now() });
  }

  /** Days with late records in the archive, the one to be healed first before the others. */
  async queued(): Promise<QueuedDay[]> {
    const { views, clock } = this.ports;
    const archive = await this.batch.archive();
    const cutRow = await this.batch.cutRow();
    const prefix = dayKey(this.dataset, 0 as UtcDay).slice(0, -1);
    const days = new Map<UtcDay, DayRow>();
    for (const { key, value } of await views.ledgerRows(prefix))
      days.set(Number(key.slice(prefix.length)) as UtcDay, JSON.parse(value) as DayRow);
    const asked = (await readLedger<AskedRow>(views, askedKey(this.dataset))).value?.days ?? {};
    const now = clock.now();
    const facts = { archive, cutRow, days, metrics: this.metrics, today: dayOf(now) };
    return lateDays(facts)
      .map((late): QueuedDay => {
        const dueMs = dueAt(late);
        const times = asked[late.day] ?? 0;
        const due = dueMs !== undefined && dueMs <= now;
        return { late, dueMs, due, asked: times, priority: priorityOf(late, times) };
      })
      .sort((a, b) => b.priority - a.priority || a.late.day - b.late.day);
  }

  /** The day's ledger row; undefined where it never had a run. */
  async row(day: UtcDay): Promise<DayRow | undefined> {
    return (await readLedger<DayRow>(this.ports.views, dayKey(this.dataset, day))).value;
  }
}

// Heals of one dataset: plan, apply, roll back, unpin. Each step is a function of the ledger and the archive;
// nothing is remembered between them, so that any process may take the next one.
import type { DayRow, Metric, UtcDay } from "@tandem/shared-logic";
import { dayKey } from "@tandem/shared-logic";
import { readLedger } from "../ledger.ts";
import type { Batch, BatchPorts, BatchRequest } from "../run-batch.ts";
import { refreshSpans } from "../spans.ts";
import { type Applied, applyHeal } from "./apply-heal.ts";
import type { HealPlan } from "./heal-plan.ts";
import { readPlan } from "./heal-plan.ts";
import { type HealOptions, planHeal } from "./plan-heal.ts";
import { type Move, rollbackDay, unpinDay } from "./rollback-day.ts";

/** Who asks for it; stands in the day's ledger row. */
export interface Asker {
  readonly by: string;
}

export type HealRequest = HealOptions & Pick<BatchRequest, "archiveMs" | "signal" | "progress">;

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

  /** One plan a day, all at one cut. */
  async plan(days: readonly UtcDay[], request: HealRequest = {}): Promise<HealPlan[]> {
    const { archive, cut } = await this.batch.reachedCut(request);
    const cutRow = await this.batch.cutRow();
    const facts = { dataset: this.dataset, metrics: this.metrics, archive, cut, cutRow };
    const plans: HealPlan[] = [];
    for (const day of days) plans.push(await planHeal(this.ports, facts, day, request));
    return plans;
  }

  /** Undefined where no such plan is kept. Weeks and months are rebuilt after the flip. */
  async apply(run: string, { by }: Asker): Promise<Applied | undefined> {
    const plan = await readPlan(this.ports, this.dataset, run);
    if (!plan) return undefined;
    const applied = await applyHeal(this.ports.views, plan, { by, at: this.ports.clock.now() });
    if (applied.state === "applied") {
      const touched = this.metrics.filter((m) => plan.runs[m.fingerprint]);
      await refreshSpans(this.ports, this.dataset, touched, new Set([plan.day]));
    }
    return applied;
  }

  /** Empty where there is no older run. `to`: a run of one metric. */
  rollback(day: UtcDay, { by }: Asker, to?: string): Promise<Move[]> {
    const actor = { by, at: this.ports.clock.now() };
    return rollbackDay(this.ports.views, this.dataset, day, this.metrics, actor, to);
  }

  unpin(day: UtcDay, { by }: Asker): Promise<boolean> {
    return unpinDay(this.ports.views, this.dataset, day, { by, at: this.ports.clock.now() });
  }

  /** The day's ledger row; undefined where it never had a run. */
  async row(day: UtcDay): Promise<DayRow | undefined> {
    return (await readLedger<DayRow>(this.ports.views, dayKey(this.dataset, day))).value;
  }
}

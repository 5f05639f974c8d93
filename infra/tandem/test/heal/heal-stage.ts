// A stage with heals: who asks, what was computed, and what batch alone shows.
import {
  type Applied,
  Batch,
  type BatchPorts,
  type HealPlan,
  type HealRequest,
  Heals,
  inlineTasks,
  type Task,
} from "@tandem/batch-layer";
import type { Clock, Metric, ViewStore } from "@tandem/shared-logic";
import { DATASET, dayNamed, type Stage } from "../stories/stage.ts";

export class Healer {
  readonly heals: Heals;
  readonly batch: Batch;
  /** Tasks run so far. */
  tasks = 0;
  private readonly stage: Stage;

  /** `clock`: what the planner waits by. */
  constructor(
    stage: Stage,
    metrics: readonly Metric[],
    views: ViewStore = stage.ports.views,
    clock: Clock = stage.clock,
  ) {
    this.stage = stage;
    const own = inlineTasks(stage.unitPorts, (fp) => metrics.find((m) => m.fingerprint === fp));
    const tasks = (task: Task) => {
      this.tasks++;
      return own(task);
    };
    const ports: BatchPorts = { ...stage.ports, ...stage.unitPorts, views, tasks, clock };
    this.batch = new Batch(ports, DATASET, metrics);
    this.heals = new Heals(ports, this.batch, DATASET, metrics);
  }

  async plan(day: string, request: HealRequest = {}): Promise<HealPlan> {
    const [plan] = await this.stage.archiving(() => this.heals.plan([dayNamed(day)], request));
    if (!plan) throw new RangeError(day);
    return plan;
  }

  async apply(plan: HealPlan, by = "ann"): Promise<Applied> {
    const applied = await this.heals.apply(plan.run ?? "", { by });
    if (!applied) throw new RangeError("no such plan");
    return applied;
  }

  /** Plans, applies, and rebuilds weeks and months. */
  async heal(day: string): Promise<HealPlan> {
    const plan = await this.plan(day);
    if (plan.run !== undefined) await this.apply(plan);
    await this.heals.rebuild([dayNamed(day)]);
    return plan;
  }
}

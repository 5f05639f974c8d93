// Retention of one dataset: what may go, and letting it go. Nothing is remembered between calls; any number of
// processes may apply at once, and one that is killed leaves something that the next one finishes.
import {
  type EpochMs,
  type Metric,
  type Progress,
  type RetentionRow,
  retentionKey,
  type StopSignal,
  TandemError,
} from "@tandem/shared-logic";
import { casLedger, readLedger } from "../ledger.ts";
import type { Batch, BatchPorts } from "../run-batch.ts";
import { applyAction } from "./apply-action.ts";
import { refuseWhileRepaired } from "./archived-objects.ts";
import { planRetention } from "./plan-retention.ts";
import { NO_RETENTION, readFacts } from "./read-facts.ts";
import type { RetentionAction, RetentionPlan } from "./retention-facts.ts";
import type { RetentionRules } from "./retention-rules.ts";

export interface AppliedRetention {
  readonly done: readonly RetentionAction[];
  /** The ledger had moved on: the next plan knows better. */
  readonly passed: readonly RetentionAction[];
  readonly freedBytes: number;
}

/** Moving and retiring free nothing yet. */
const frees = ({ do: name }: RetentionAction): boolean => name.startsWith("drop_");

export class Retention {
  readonly rules: RetentionRules;
  private readonly ports: BatchPorts;
  private readonly batch: Pick<Batch, "archive">;
  private readonly dataset: string;
  private readonly metrics: readonly Metric[];

  constructor(
    ports: BatchPorts,
    batch: Pick<Batch, "archive">,
    dataset: string,
    metrics: readonly Metric[],
    rules: RetentionRules,
  ) {
    this.ports = ports;
    this.batch = batch;
    this.dataset = dataset;
    this.metrics = metrics;
    this.rules = rules;
  }

  async plan(): Promise<RetentionPlan> {
    const { dataset, metrics, rules } = this;
    const archive = await this.batch.archive();
    const { views, objects, clock } = this.ports;
    const now = clock.now();
    return planRetention(
      await readFacts({ views, objects, dataset, metrics, archive, rules, now }),
    );
  }

  /** Throws `store_unavailable` while the archive is being repaired. */
  async apply(
    request: { readonly progress?: Progress; readonly signal?: StopSignal } = {},
  ): Promise<AppliedRetention> {
    const { dataset, metrics, rules, ports } = this;
    await refuseWhileRepaired(ports.views, dataset);
    const plan = await this.plan();
    await this.notice(plan);
    const partitions = (await this.batch.archive()).genesis.length;
    const done: RetentionAction[] = [];
    const passed: RetentionAction[] = [];
    for (const [i, action] of plan.actions.entries()) {
      if (request.signal?.aborted) throw new TandemError("cancelled");
      request.progress?.(i, plan.actions.length, "actions");
      const place = { dataset, metrics, partitions, rules, now: ports.clock.now() };
      ((await applyAction(ports, place, action)) ? done : passed).push(action);
    }
    request.progress?.(plan.actions.length, plan.actions.length, "actions");
    await this.change((row) => ({ ...row, appliedAt: ports.clock.now() }));
    const freedBytes = done.filter(frees).reduce((n, a) => n + a.sizeBytes, 0);
    return { done, passed, freedBytes };
  }

  /** When a pass ended last. */
  async appliedAt(): Promise<EpochMs | undefined> {
    const { views } = this.ports;
    return (await readLedger<RetentionRow>(views, retentionKey(this.dataset))).value?.appliedAt;
  }

  private notice({ noticed }: RetentionPlan): Promise<void> {
    return this.change((row) => (sameDates(row.noticed, noticed) ? row : { ...row, noticed }));
  }

  private async change(next: (row: RetentionRow) => RetentionRow): Promise<void> {
    const key = retentionKey(this.dataset);
    for (;;) {
      const seen = await readLedger<RetentionRow>(this.ports.views, key);
      const row = seen.value ?? NO_RETENTION;
      const changed = next(row);
      if (changed === row || (await casLedger(this.ports.views, key, seen, changed))) return;
    }
  }
}

function sameDates(a: RetentionRow["noticed"], b: RetentionRow["noticed"]): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

// The heavy work of batch as plain requests and results, so that it can run in this thread, in a worker
// thread or in another process. What a task reads and writes goes through the object store.

import type { Fingerprint, Metric, RunRow, UtcDay, Window } from "@tandem/shared-logic";
import { type Algebra, formatDecimal, TandemError } from "@tandem/shared-logic";
import { mergeCells } from "./cell-form.ts";
import { FreshStates } from "./heal/fresh-states.ts";
import { type HealUnitRequest, healUnit } from "./heal/heal-unit.ts";
import { type PatchRequest, patchDay } from "./heal/patch-day.ts";
import { addPartial, type Cells, capGroups, runRows, valueRows } from "./merge.ts";
import { readPartial } from "./read-partial.ts";
import { runUnit, type UnitPorts, type UnitRequest } from "./unit.ts";

export interface DayTask {
  readonly task: "merge-day";
  readonly fingerprint: Fingerprint;
  readonly day: UtcDay;
  /** Keys of the partial states of all partitions. */
  readonly partials: readonly string[];
}

export type PatchTask = { readonly task: "patch-day" } & PatchRequest;
export interface SpanTask {
  readonly task: "merge-span";
  readonly fingerprint: Fingerprint;
  readonly grain: "week" | "month";
  readonly window: Window;
  /** Partial states of each day's run. */
  readonly days: readonly { readonly day: UtcDay; readonly partials: readonly string[] }[];
}

export type UnitTask = { readonly task: "unit" } & UnitRequest;
export type HealUnitTask = { readonly task: "heal-unit" } & HealUnitRequest;
export type Task = UnitTask | HealUnitTask | DayTask | PatchTask | SpanTask;

/** Runs a task; rows for the merging ones, none for a unit. */
export type TaskRunner = (task: Task) => Promise<readonly RunRow[]>;

/** Runs tasks in this thread. */
export function inlineTasks(
  ports: UnitPorts,
  metricOf: (fp: Fingerprint) => Metric | undefined,
): TaskRunner {
  const need = (fp: Fingerprint): Metric => {
    const metric = metricOf(fp);
    if (!metric) throw new TandemError("metric_missing", { details: { fingerprint: fp } });
    return metric;
  };
  const fresh = new FreshStates();
  return async (task) => {
    switch (task.task) {
      case "unit": {
        await runUnit(
          ports,
          task,
          task.metrics.map((m) => need(m.fingerprint)),
        );
        return [];
      }
      case "heal-unit": {
        const metrics = task.metrics.map((m) => need(m.fingerprint));
        await healUnit(ports, task, metrics, fresh);
        return [];
      }
      case "merge-day": {
        const metric = need(task.fingerprint);
        const cells: Cells = new Map();
        for (const key of task.partials)
          addPartial(metric, cells, (await readPartial(ports.objects, key)).rows);
        return [...runRows(metric, cells, task.day)];
      }
      case "patch-day":
        return patchDay(ports.objects, need(task.fingerprint), task, fresh);
      case "merge-span":
        return mergeSpan(ports, need(task.fingerprint), task);
    }
  };
}

async function mergeSpan(ports: UnitPorts, metric: Metric, task: SpanTask): Promise<RunRow[]> {
  const cells: Cells = new Map();
  const inside = metric.reducer.inside !== undefined;
  for (const { day, partials } of task.days) {
    const own = {
      from: (day * 86_400_000) as Window["from"],
      until: ((day + 1) * 86_400_000) as Window["until"],
    };
    // A reach is taken along where overlap is harmless, else each day gives its own cells only.
    for (const key of partials)
      addPartial(
        metric,
        cells,
        (await readPartial(ports.objects, key)).rows,
        inside ? undefined : own,
      );
  }
  capGroups(metric, cells, task.window);
  const rows: RunRow[] = [];
  const exact = metric.reducer.exact as Algebra<unknown, unknown>;
  for (const [tenant, sets] of cells) {
    for (const [set, groups] of sets) {
      for (const [group, starts] of groups) {
        const whole = mergeCells(metric, starts, inside ? undefined : task.window);
        if (inside) {
          rows.push(...valueRows(metric, tenant, task.grain, task.window, whole));
          continue;
        }
        const { value } = exact.present(whole.state, { window: task.window, events: whole.events });
        rows.push({
          tenant,
          set,
          group,
          grain: task.grain,
          startMs: task.window.from,
          events: whole.events,
          skipped: whole.skipped,
          value: value === null ? null : formatDecimal(value),
          state: new Uint8Array(0),
        });
      }
    }
  }
  return rows;
}

// Compares what batch has sealed of two metrics, day by day, for one tenant: of the ledger and the views alone.
import {
  type DayRow,
  dayKey,
  type Metric,
  type ObjectStore,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import type { CellChange } from "../heal/cells.ts";
import { shapeOf } from "../heal/cells.ts";
import { readRunRows } from "../heal/last-run.ts";
import type { Archive } from "../plan.ts";
import { reachDays } from "../reach-days.ts";
import { differingValues, type MetricRows } from "./compare-values.ts";

export interface DiffPorts {
  readonly views: Pick<ViewStore, "ledgerRows" | "readRun">;
  readonly objects: Pick<ObjectStore, "get">;
}

export interface DiffRequest {
  readonly dataset: string;
  readonly tenant: string;
  /** Half-open; absent: all. */
  readonly from?: UtcDay;
  readonly until?: UtcDay;
}

export interface ComparedDay {
  readonly day: UtcDay;
  /** Undefined where one of them has no run of the day. */
  readonly differing: readonly CellChange[] | undefined;
  readonly runs: readonly (string | undefined)[];
  /** What each has read of the log, exclusive, by partition. */
  readonly v: readonly (readonly number[])[];
}

/** Days on which either has a run, in order. */
export async function* diffDays(
  ports: DiffPorts,
  { dataset, tenant, from, until }: DiffRequest,
  metrics: readonly [Metric, Metric],
): AsyncGenerator<ComparedDay> {
  const prefix = dayKey(dataset, 0 as UtcDay).slice(0, -1);
  const days = (await ports.views.ledgerRows(prefix))
    .map(({ key, value }) => ({ day: Number(key.slice(prefix.length)) as UtcDay, value }))
    .filter(({ day }) => day >= (from ?? day) && day < (until ?? day + 1))
    .sort((a, b) => a.day - b.day);
  for (const { day, value } of days) {
    const row = JSON.parse(value) as DayRow;
    const entries = metrics.map((m) => row.entries[m.fingerprint]);
    const [a, b] = entries;
    if (!a && !b) continue;
    const runs = entries.map((e) => e?.run);
    const v = entries.map((e) => e?.v ?? []);
    let differing: readonly CellChange[] | undefined;
    if (a && b) {
      const rowsOf = async (metric: Metric, run: string): Promise<MetricRows> => {
        const rows = await readRunRows(ports, shapeOf(metric), day, run, [tenant]);
        return { metric, rows };
      };
      const [ofA, ofB] = [await rowsOf(metrics[0], a.run), await rowsOf(metrics[1], b.run)];
      differing = differingValues(day, ofA, ofB);
    }
    yield { day, differing, runs, v };
  }
}

/** What either of two runs has read. */
export const highestOf = (v: ComparedDay["v"]): number[] =>
  Array.from({ length: Math.max(...v.map((o) => o.length)) }, (_, p) =>
    Math.max(...v.map((o) => o[p] ?? 0)),
  );

/** False where records of the day, or of what it reaches into, lie between what one has read and the other. */
export function readTheSame(
  { manifest }: Pick<Archive, "manifest">,
  { day, v }: Pick<ComparedDay, "day" | "v">,
  metrics: readonly Metric[],
): boolean {
  const reach = metrics.map(reachDays);
  const first = day - Math.max(...reach.map((r) => r.back));
  const last = day + Math.max(...reach.map((r) => r.ahead));
  return !manifest.some((entries, p) => {
    const [low, high] = [
      Math.min(...v.map((o) => o[p] ?? 0)),
      Math.max(...v.map((o) => o[p] ?? 0)),
    ];
    return entries.some((e) => {
      if (e.to <= low || e.from >= high) return false;
      return Object.keys(e.days).some((d) => Number(d) >= first && Number(d) <= last);
    });
  });
}

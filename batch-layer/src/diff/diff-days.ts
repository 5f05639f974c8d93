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
  /** What either has read of the log, exclusive, by partition. */
  readonly v: readonly number[];
  /** The two have read the same. */
  readonly sameOffsets: boolean;
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
    const all = [a?.v ?? [], b?.v ?? []] as const;
    const v = (all[0].length > 0 ? all[0] : all[1]).map((to, p) => Math.max(to, all[1][p] ?? 0));
    const sameOffsets = v.every((to, p) => to === all[0][p] && to === all[1][p]);
    let differing: readonly CellChange[] | undefined;
    if (a && b) {
      const rowsOf = async (metric: Metric, run: string): Promise<MetricRows> => {
        const rows = await readRunRows(ports, shapeOf(metric), day, run, [tenant]);
        return { metric, rows };
      };
      const [ofA, ofB] = [await rowsOf(metrics[0], a.run), await rowsOf(metrics[1], b.run)];
      differing = differingValues(day, ofA, ofB);
    }
    yield { day, differing, runs, v, sameOffsets };
  }
}

// Holds the rebuilt runs of one day against what the day shows now: row by row as both are stored, told as cells with
// their values. Rows of which nobody can tell the values (their bytes are damaged) are counted, not told.
import {
  type DayEntry,
  type Fingerprint,
  GRAIN_MS,
  type Metric,
  type RolledGrain,
  type RunRow,
  type RunRowKey,
  TandemError,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { type Audit, auditRun } from "../heal/audit.ts";
import {
  type CellChange,
  changesOf,
  changesOfRows,
  listCells,
  type RunShape,
  shapeOf,
} from "../heal/cells.ts";
import { dayTotals } from "../heal/day-totals.ts";
import type { RowChange } from "../heal/patch-run.ts";
import type { SideRun } from "./replay-catalogue.ts";

export interface ComparedMetric {
  readonly metric: Metric;
  readonly side: SideRun;
  /** What the day shows now. */
  readonly published: DayEntry;
  /** Rows that differ in whatever; 0: identical. */
  readonly rows: number;
  /** Cells whose values differ: before as published, after as rebuilt. */
  readonly changes: readonly CellChange[];
  /** Whole days. */
  readonly totals: readonly CellChange[];
  /** True where some of the published rows cannot be understood. */
  readonly unreadable: boolean;
  /** Audits that the rebuilt run fails. */
  readonly failed: readonly Audit[];
}

export interface ReplayedDay {
  readonly day: UtcDay;
  readonly metrics: readonly ComparedMetric[];
  /** Rebuilt, and shown no more; or at other offsets by now. */
  readonly moved: readonly Fingerprint[];
}

const keyOf = (r: RunRowKey): string =>
  `${r.set} ${r.grain} ${r.startMs} ${r.tenant.length} ${r.tenant}${r.group}`;

async function rowsOf(views: Pick<ViewStore, "scanRun">, run: string) {
  const rows = new Map<string, RunRow>();
  for await (const some of views.scanRun(run)) for (const row of some) rows.set(keyOf(row), row);
  return rows;
}

export async function compareMetric(
  views: Pick<ViewStore, "scanRun">,
  day: UtcDay,
  metric: Metric,
  side: SideRun,
  published: DayEntry,
): Promise<ComparedMetric> {
  const after = await rowsOf(views, side.run);
  const before = published.run === side.run ? after : await rowsOf(views, published.run);
  const changed: RowChange[] = [];
  for (const [key, row] of after) {
    const was = before.get(key);
    if (!was || !sameRow(was, row)) changed.push({ before: was, after: row });
  }
  for (const [key, row] of before)
    if (!after.has(key)) changed.push({ before: row, after: undefined });
  const base = { ...shapeOf(metric) };
  const shape = { ...base, grains: keptGrains(base.grains, side.grain) };
  const totals = dayTotals(shape, day, after.values());
  const cells = listCells(shape, day, after.values());
  const audits = auditRun({ metric, cells, totals, before: undefined });
  const failed = audits.filter((a) => !a.ok);
  const compared = { metric, side, published, rows: changed.length, failed };
  if (changed.length === 0) return { ...compared, changes: [], totals: [], unreadable: false };
  try {
    const changes = changesOfRows(shape, day, changed);
    const was = dayTotals(shape, day, before.values());
    return { ...compared, changes, totals: changesOf(was, totals), unreadable: false };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { ...compared, changes: [], totals: [], unreadable: true };
  }
}

/** Damaged bytes may say so in any way. */
const isDamage = (error: unknown): boolean =>
  error instanceof RangeError || (error instanceof TandemError && !error.retryable);

/** What rows of the run can tell. */
const keptGrains = (grains: RunShape["grains"], rolled: RolledGrain | undefined) =>
  rolled ? grains.filter((g) => GRAIN_MS[g] >= GRAIN_MS[rolled]) : grains;

const sameRow = (a: RunRow, b: RunRow): boolean =>
  a.events === b.events &&
  a.skipped === b.skipped &&
  a.value === b.value &&
  a.state.length === b.state.length &&
  Buffer.compare(a.state, b.state) === 0;

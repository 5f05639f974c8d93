// A run made from the last one of its day: rows that differ are written, the others copied inside the view
// store. A last run that is not what was written of it is not gone on from.
import {
  getOrMake,
  type Metric,
  type ObjectStore,
  OTHER_GROUP,
  RunChecksum,
  type RunObject,
  type RunRow,
  type RunRowKey,
  type RunSum,
  TandemError,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { STATE_AS_IT_WAS } from "../merge.ts";
import type { TaskRunner } from "../tasks.ts";

interface Ports {
  readonly views: Pick<ViewStore, "scanRun" | "copyRun" | "writeRun" | "readBack">;
  readonly objects: Pick<ObjectStore, "get">;
  readonly tasks: TaskRunner;
}

/** A row that differs, as it was and as it is; undefined where there was or is none. */
export interface RowChange {
  readonly before: RunRow | undefined;
  readonly after: RunRow | undefined;
}

export interface Patch {
  /** All rows of the new run. */
  readonly rows: readonly RunRow[];
  readonly sum: RunSum;
  readonly changes: readonly RowChange[];
}

const sameSum = (a: RunSum, b: RunSum): boolean => a.count === b.count && a.checksum === b.checksum;

const keyOf = (r: RunRowKey): string =>
  `${r.set} ${r.grain} ${r.startMs} ${r.tenant.length} ${r.tenant}${r.group}`;

/** What becomes of the last run's rows; undefined where the run has to be made from all states. */
export async function planPatch(
  { views, tasks }: Pick<Ports, "views" | "tasks">,
  metric: Metric,
  day: UtcDay,
  last: { readonly run: string; readonly object: RunObject },
  partials: readonly string[],
): Promise<Patch | undefined> {
  const { fingerprint } = metric;
  const before = last.object.partials;
  const changed = await tasks({ task: "patch-day", fingerprint, day, before, partials });
  const rows = new Map<string, RunRow>();
  const sum = new RunChecksum();
  for await (const some of views.scanRun(last.run)) {
    for (const row of some) {
      rows.set(keyOf(row), row);
      sum.add(row);
    }
  }
  // A damaged row must not be carried on.
  if (!sameSum(sum.done(), last.object.sum)) return undefined;
  const changes: RowChange[] = [];
  const inside = metric.reducer.inside !== undefined;
  const gone = inside ? valuesOf(rows, new Set(changed.map((r) => r.tenant))) : new Map();
  for (const row of changed) {
    const key = keyOf(row);
    gone.delete(key);
    const was = rows.get(key);
    let now = row;
    if (row.state.length === STATE_AS_IT_WAS.length) {
      if (!was) return undefined;
      now = { ...row, state: was.state };
    }
    if (was && sameRow(was, now)) continue;
    changes.push({ before: was, after: now });
    rows.set(key, now);
  }
  for (const [key, row] of gone) {
    rows.delete(key);
    changes.push({ before: row, after: undefined });
  }
  const all = [...rows.values()];
  // Which groups are kept is decided over the whole day.
  if (!inside && capped(metric, all)) return undefined;
  for (const { before, after } of changes) {
    if (before) sum.take(before);
    if (after) sum.add(after);
  }
  return { rows: all, sum: sum.done(), changes };
}

function valuesOf(
  rows: ReadonlyMap<string, RunRow>,
  tenants: ReadonlySet<string>,
): Map<string, RunRow> {
  return new Map([...rows].filter(([, row]) => row.value !== undefined && tenants.has(row.tenant)));
}

function sameRow(a: RunRow, b: RunRow): boolean {
  if (a.events !== b.events || a.skipped !== b.skipped || a.value !== b.value) return false;
  return a.state === b.state || equalBytes(a.state, b.state);
}

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && Buffer.compare(a, b) === 0;

function capped(metric: Metric, rows: readonly RunRow[]): boolean {
  if (rows.length <= metric.limit) return rows.some((r) => r.group === OTHER_GROUP);
  const groups = new Map<string, Set<string>>();
  for (const { tenant, set, group } of rows) {
    if (group === OTHER_GROUP) return true;
    getOrMake(groups, `${set} ${tenant}`, () => new Set<string>()).add(group);
  }
  return [...groups.values()].some((of) => of.size > metric.limit);
}

/** Writes a patched run, and proves that the store holds just its rows. */
export async function writePatch(
  { views }: Pick<Ports, "views">,
  from: string,
  to: string,
  { sum, changes }: Patch,
): Promise<void> {
  if (sum.count > 0 && sameSum(await views.readBack(to), sum)) return;
  const [written, replaced]: [RunRow[], RunRow[]] = [[], []];
  for (const { before, after } of changes) {
    if (after) written.push(after);
    if (before) replaced.push(before);
  }
  await views.writeRun(to, written);
  await views.copyRun(from, to, replaced);
  const stored = await views.readBack(to);
  if (!sameSum(stored, sum))
    throw new TandemError("run_damaged", { details: { run: to, expected: sum, stored } });
}

// Rows of a day's run that differ from the last run's, from the partial states of both: blocks of equal bytes
// are not decoded, and only groups with a changed block are merged and presented. Where a state holds its
// dimensions inside, all rows with values of a changed tenant are given. Groups are not capped here.
import {
  dayStart,
  type EpochMs,
  type Fingerprint,
  getOrMake,
  type Metric,
  type ObjectStore,
  type PartialRow,
  type RunRow,
  type UtcDay,
} from "@tandem/shared-logic";
import { addPartial, type Cells, groupRows } from "../merge.ts";
import { readPartial } from "../read-partial.ts";
import { encodedForm } from "./encoded-form.ts";
import type { FreshStates } from "./fresh-states.ts";
import { changedBlocks } from "./patch-partial.ts";

export interface PatchRequest {
  readonly fingerprint: Fingerprint;
  readonly day: UtcDay;
  /** Keys of the partial states of all partitions: of the last run, and of the one that is made. */
  readonly before: readonly string[];
  readonly partials: readonly string[];
}

const groupKey = (r: Pick<PartialRow, "tenant" | "set" | "group">): string =>
  `${r.set} ${r.tenant.length} ${r.tenant}${r.group}`;

export async function patchDay(
  objects: Pick<ObjectStore, "get">,
  metric: Metric,
  task: PatchRequest,
  fresh?: FreshStates,
): Promise<RunRow[]> {
  const stateOf = async (key: string): Promise<readonly PartialRow[]> =>
    fresh?.take(key) ?? (await readPartial(objects, key)).rows;
  const all: PartialRow[] = [];
  const touched = new Map<string, Set<EpochMs>>();
  for (const [p, key] of task.partials.entries()) {
    const after = await stateOf(key);
    for (const row of after) all.push(row);
    const old = task.before[p];
    if (old === key) continue;
    const before = old === undefined ? [] : await stateOf(old);
    for (const row of changedBlocks(before, after))
      getOrMake(touched, groupKey(row), () => new Set()).add(row.startMs);
  }
  const { additive } = metric.reducer;
  const wanted = all.filter((row) => {
    const starts = touched.get(groupKey(row));
    return additive ? starts?.has(row.startMs) : starts !== undefined;
  });
  if (additive && sameStates(metric) && task.partials.length === 1)
    return wanted.map((row) => ({ ...row, grain: metric.reducer.grains[0] ?? "hour" }));
  const cells: Cells = new Map();
  const form = encodedForm(metric);
  addPartial(metric, cells, wanted, undefined, form);
  const own = { from: dayStart(task.day), until: dayStart((task.day + 1) as UtcDay) };
  const rows: RunRow[] = [];
  for (const [tenant, sets] of cells) {
    for (const [set, groups] of sets) {
      for (const [group, starts] of groups) {
        const blocks = touched.get(groupKey({ tenant, set, group }));
        for (const row of groupRows(metric, tenant, set, group, starts, own, blocks, form))
          rows.push(row);
      }
    }
  }
  return rows;
}

/** A block of exact states is one of approximate states: of one partition, it is the row's. */
const sameStates = ({ reducer }: Metric): boolean => reducer.approx === reducer.exact;

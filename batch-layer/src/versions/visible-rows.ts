// The ledger rows that say which version answers to a metric's name: written by batch where a backfill is
// complete, or by a person. Each change is one compare-and-set; whoever loses it decides again from what stands.
import {
  type Clock,
  type CutRow,
  type DayRow,
  dayKey,
  getOrMake,
  type Metric,
  type UtcDay,
  type ViewStore,
  type VisibleRow,
  visibleKey,
} from "@tandem/shared-logic";
import { casLedger, readLedger } from "../ledger.ts";
import type { Archive } from "../plan.ts";
import { decideVisible, type WaitingVersion } from "./decide-visible.ts";
import { owedDays } from "./owed-days.ts";

export interface VisiblePorts {
  readonly views: ViewStore;
  readonly clock: Pick<Clock, "now">;
}

export interface VisibleChange {
  readonly name: string;
  /** Undefined where nothing stood there. */
  readonly from: number | undefined;
  readonly to: number;
}

export interface VisibleOutcome {
  readonly changes: readonly VisibleChange[];
  readonly waiting: readonly WaitingVersion[];
}

/** By name, in ascending order. */
export function versionsByName(metrics: readonly Metric[]): Map<string, Metric[]> {
  const versions = new Map<string, Metric[]>();
  for (const m of metrics) getOrMake(versions, m.name, () => [] as Metric[]).push(m);
  for (const of of versions.values()) of.sort((a, b) => a.version - b.version);
  return versions;
}

/** Shows the versions that are complete by now. */
export async function refreshVisible(
  ports: VisiblePorts,
  dataset: string,
  metrics: readonly Metric[],
  archive: Pick<Archive, "manifest">,
  cutRow: CutRow,
): Promise<VisibleOutcome> {
  const prefix = visibleKey(dataset, "");
  const rows = new Map<string, VisibleRow>();
  for (const { key, value } of await ports.views.ledgerRows(prefix))
    rows.set(key.slice(prefix.length), JSON.parse(value) as VisibleRow);
  const unsettled = [...versionsByName(metrics)].filter(([name, loaded]) => {
    const row = rows.get(name);
    return !row || (!row.held && row.version < (loaded.at(-1)?.version ?? 0));
  });
  const changes: VisibleChange[] = [];
  const waiting: WaitingVersion[] = [];
  if (unsettled.length === 0) return { changes, waiting };
  const days = await dayRows(ports.views, dataset);
  for (const [name, own] of unsettled) {
    const loaded = own.map(({ version, fingerprint }) => ({
      version,
      fingerprint,
      active:
        cutRow.activatedAt[fingerprint] !== undefined && !cutRow.retired.includes(fingerprint),
      owed: owedDays(archive.manifest, cutRow, fingerprint),
    }));
    for (;;) {
      const seen = await readLedger<VisibleRow>(ports.views, visibleKey(dataset, name));
      const decided = decideVisible({ name, row: seen.value, loaded, days });
      const { version } = decided;
      if (version !== undefined && version !== seen.value?.version) {
        const next = flipped(seen.value, version, { at: ports.clock.now(), by: "batch" });
        if (!(await casLedger(ports.views, visibleKey(dataset, name), seen, next))) continue;
        changes.push({ name, from: seen.value?.version, to: version });
      }
      waiting.push(...decided.waiting);
      break;
    }
  }
  return { changes, waiting };
}

/** Has a version answer from now on, complete or not; below a newer one it stays until somebody says otherwise. */
export async function showVersion(
  ports: VisiblePorts,
  dataset: string,
  { name, version }: Pick<Metric, "name" | "version">,
  { by, held }: { readonly by: string; readonly held: boolean },
): Promise<VisibleChange> {
  const key = visibleKey(dataset, name);
  for (;;) {
    const seen = await readLedger<VisibleRow>(ports.views, key);
    const next = flipped(seen.value, version, { at: ports.clock.now(), by });
    if (await casLedger(ports.views, key, seen, { ...next, ...(held ? { held } : {}) }))
      return { name, from: seen.value?.version, to: version };
  }
}

const flipped = (
  row: VisibleRow | undefined,
  version: number,
  { at, by }: { readonly at: VisibleRow["flips"][number]["at"]; readonly by: string },
): VisibleRow => {
  const flips = row?.flips ?? [];
  return { version, flips: row?.version === version ? flips : [...flips, { at, by, version }] };
};

async function dayRows(
  views: Pick<ViewStore, "ledgerRows">,
  dataset: string,
): Promise<Map<UtcDay, DayRow>> {
  const prefix = dayKey(dataset, 0 as UtcDay).slice(0, -1);
  const days = new Map<UtcDay, DayRow>();
  for (const { key, value } of await views.ledgerRows(prefix)) {
    const day = Number(key.slice(prefix.length));
    if (Number.isInteger(day)) days.set(day as UtcDay, JSON.parse(value) as DayRow);
  }
  return days;
}

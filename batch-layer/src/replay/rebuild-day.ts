// Computes the published runs of one day once more, from the objects of a source alone: no kept state, no row and no
// run is believed. Rows are written under run ids of the catalogue's own, states below its prefix; the rows are those
// that sealing the day from the same objects gives, byte for byte.
import {
  type DayEntry,
  encodePartial,
  type Fingerprint,
  formatDay,
  type LostRange,
  type Metric,
  PARTIAL_FORMAT,
  type RolledGrain,
  RunChecksum,
  TandemError,
  type UtcDay,
} from "@tandem/shared-logic";
import type { Archive } from "../plan.ts";
import { readPartial } from "../read-partial.ts";
import { rolledUp } from "../retention/roll-up-run.ts";
import { partialKey } from "../run-id.ts";
import { type SealPorts, writeRows } from "../seal.ts";
import { inputsOf } from "../unit.ts";
import type { ReplayCatalogue, ReplayHead, SideRun, SideRuns } from "./replay-catalogue.ts";

/** What a replay reads. */
export interface ReplayInput {
  readonly archive: Archive;
  /** What a run of the metric and day lacks below V. */
  lost(metric: Metric, day: UtcDay, v: readonly number[]): readonly LostRange[];
}

export interface Wanted {
  readonly metric: Metric;
  /** What is published: its offsets and grain are those of the rebuilt run. */
  readonly entry: DayEntry;
}

export interface RebuildPlace {
  readonly dataset: string;
  readonly catalogue: ReplayCatalogue;
  readonly head: ReplayHead;
  readonly input: ReplayInput;
}

export async function rebuildDay(
  ports: SealPorts,
  place: RebuildPlace,
  day: UtcDay,
  wanted: readonly Wanted[],
): Promise<SideRuns> {
  const runs: Record<Fingerprint, SideRun> = {};
  // Runs at the same offsets read the same objects: once for all of them.
  for (const group of Map.groupBy(wanted, (w) => w.entry.v.join(",")).values()) {
    const partials = await rebuildStates(ports, place, day, group);
    for (const { metric, entry } of group) {
      const own = partials.get(metric.fingerprint) ?? [];
      runs[metric.fingerprint] = await rebuildRun(ports, place, day, { metric, entry }, own);
    }
  }
  return runs;
}

/** Keys of the partial states by metric; those that an earlier start has left are not made again. */
async function rebuildStates(
  ports: SealPorts,
  { dataset, catalogue, input: { archive } }: RebuildPlace,
  day: UtcDay,
  group: readonly Wanted[],
): Promise<Map<Fingerprint, string[]>> {
  const v = group[0]?.entry.v ?? [];
  const partials = new Map<Fingerprint, string[]>();
  for (const [partition, entries] of archive.manifest.entries()) {
    const below = v[partition] ?? 0;
    const missing: { metric: Metric; key: string }[] = [];
    for (const { metric } of group) {
      const fp = metric.fingerprint;
      const inputs = inputsOf(entries, below, [metric], day);
      const normal = partialKey(ports.sha256, dataset, fp, day, partition, inputs);
      const key = `${catalogue.prefix}${normal}`;
      partials.set(fp, [...(partials.get(fp) ?? []), key]);
      if (!(await readable(ports, key))) missing.push({ metric, key });
    }
    if (missing.length === 0) continue;
    const own = missing.map((m) => m.metric);
    const inputs = inputsOf(entries, below, own, day);
    const metrics = missing.map(({ metric: { fingerprint }, key }) => ({ fingerprint, key }));
    await ports.tasks({ task: "unit", dataset, partition, day, inputs, metrics });
  }
  return partials;
}

/** A state that is damaged is taken away, so that it is made again. */
async function readable({ objects }: SealPorts, key: string): Promise<boolean> {
  try {
    await readPartial(objects, key);
    return true;
  } catch (error) {
    if (!(error instanceof TandemError) || error.retryable) throw error;
    await objects.remove(key);
    return false;
  }
}

async function rebuildRun(
  ports: SealPorts,
  { dataset, catalogue, head, input }: RebuildPlace,
  day: UtcDay,
  { metric, entry: { v, grain } }: Wanted,
  states: readonly string[],
): Promise<SideRun> {
  const { fingerprint } = metric;
  const partials = grain ? await rolledStates(ports, metric, states, grain) : states;
  const facts = ["replay", PARTIAL_FORMAT, dataset, head, fingerprint, day, v, partials];
  const hash = ports.sha256(new TextEncoder().encode(JSON.stringify(facts))).slice(0, 32);
  const run = `${formatDay(day)}-${hash}`;
  const rows = await ports.tasks({ task: "merge-day", fingerprint, day, partials });
  const made = new RunChecksum();
  for (const row of rows) made.add(row);
  const sum = made.done();
  await catalogue.beginRun(run);
  await writeRows(ports.views, run, rows, sum);
  const lost = input.lost(metric, day, v);
  return {
    run,
    v,
    sum,
    partials,
    ...(grain ? { grain } : {}),
    ...(lost.length > 0 ? { lost } : {}),
  };
}

/** What retention has made hours or days of is held against those. */
async function rolledStates(
  { objects }: SealPorts,
  metric: Metric,
  states: readonly string[],
  grain: RolledGrain,
): Promise<string[]> {
  const keys: string[] = [];
  for (const state of states) {
    const key = state.replace(/\.bin$/, `.${grain}s.bin`);
    const { rows } = await readPartial(objects, state);
    await objects.putIfAbsent(key, encodePartial(rolledUp(metric, rows, grain)));
    keys.push(key);
  }
  return keys;
}

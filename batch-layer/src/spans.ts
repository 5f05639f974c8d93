// Week and month rows: exact values over the kept partial states of the days' runs. A row names the runs
// it is made of and counts only while all of them are the ledger's.
import {
  type DayRow,
  dayKey,
  dayOf,
  dayStart,
  type Fingerprint,
  formatDay,
  type Metric,
  type RunObject,
  runObjectKey,
  SPAN_GRAINS,
  type SpanGrain,
  type SpanRow,
  spanKey,
  type TandemError,
  type UtcDay,
  type Window,
  windowEnd,
  windowStart,
} from "@tandem/shared-logic";
import { casLedger, readLedger } from "./ledger.ts";
import { type StateFacts, withStates } from "./rebuild-state.ts";
import { spanRunId } from "./run-id.ts";
import { type SealPorts, writeRows } from "./seal.ts";
import { isDamaged, type SetAside } from "./set-aside-damage.ts";

/**
 * Rebuilds the spans that `days` lie in; returns the keys of those that changed. `onDamage` is told of those whose
 * states are damaged and cannot be made again; without it the first one throws, after the others were rebuilt.
 */
export async function refreshSpans(
  ports: SealPorts,
  facts: StateFacts,
  days: ReadonlySet<UtcDay>,
  onDamage?: (what: SetAside) => void,
): Promise<string[]> {
  const { dataset, metrics } = facts;
  const changed: string[] = [];
  let thrown: TandemError | undefined;
  for (const grain of SPAN_GRAINS) {
    const starts = new Set([...days].map((d) => windowStart(dayStart(d), grain)));
    for (const from of starts) {
      for (const metric of metrics) {
        if (metric.reducer.additive) continue;
        const window = { from, until: windowEnd(from, grain) };
        try {
          const key = await withStates(ports, facts, () =>
            refreshSpan(ports, dataset, metric, grain, window),
          );
          if (key) changed.push(key);
        } catch (error) {
          if (!isDamaged(error)) throw error;
          const at = `${metric.name}, ${grain} of ${formatDay(dayOf(from))}`;
          if (onDamage) onDamage({ at, error });
          thrown ??= error;
        }
      }
    }
  }
  if (thrown && !onDamage) throw thrown;
  return changed;
}

/** `anew`: also where it is of the runs of now; its rows are then written under another id. */
export async function refreshSpan(
  ports: SealPorts,
  dataset: string,
  metric: Metric,
  grain: SpanGrain,
  window: Window,
  anew = false,
): Promise<string | undefined> {
  const runs = await runsOfSpan(ports, dataset, metric.fingerprint, window);
  if (Object.keys(runs).length === 0) return undefined;
  const from = dayOf(window.from);
  const key = spanKey(dataset, metric.fingerprint, grain, from);
  const seen = await readLedger<SpanRow>(ports.views, key);
  const id = spanRunId(ports.sha256, dataset, metric.fingerprint, grain, from, runs);
  const old = seen.value;
  if (!anew && old?.run.split(".")[0] === id) return undefined;
  // Rows under an id that the span had before may be going: not that one again.
  let run = id;
  for (let n = 2; run === old?.run || old?.replaced?.includes(run); n++) run = `${id}.${n}`;
  const days = await partsOfSpan(ports, dataset, runs);
  if (!days) return undefined;
  const rows = await ports.tasks({
    task: "merge-span",
    fingerprint: metric.fingerprint,
    grain,
    window,
    days,
  });
  await writeRows(ports.views, run, rows);
  // Readers may be at the rows it had: retention removes them later.
  const replaced = [...(old?.replaced ?? []), ...(old ? [old.run] : [])];
  const next = { run, runs, ...(replaced.length > 0 ? { replaced } : {}) };
  return (await casLedger(ports.views, key, seen, next)) ? key : undefined;
}

/** The states that the days' runs are made of; undefined where a run's object is gone. */
export async function partsOfSpan(
  ports: Pick<SealPorts, "objects">,
  dataset: string,
  runs: SpanRow["runs"],
): Promise<{ readonly day: UtcDay; readonly partials: readonly string[] }[] | undefined> {
  const days: { day: UtcDay; partials: readonly string[] }[] = [];
  for (const [day, id] of Object.entries(runs)) {
    const bytes = await ports.objects.get(runObjectKey(dataset, id));
    if (!bytes) return undefined;
    days.push({
      day: Number(day) as UtcDay,
      partials: (JSON.parse(new TextDecoder().decode(bytes)) as RunObject).partials,
    });
  }
  return days;
}

/** The runs that the days of a span show now. */
export async function runsOfSpan(
  ports: Pick<SealPorts, "views">,
  dataset: string,
  fp: Fingerprint,
  window: Window,
): Promise<Record<string, string>> {
  const runs: Record<string, string> = {};
  for (let day = dayOf(window.from); dayStart(day) < window.until; day = (day + 1) as UtcDay) {
    const entry = (await readLedger<DayRow>(ports.views, dayKey(dataset, day))).value?.entries[fp];
    if (entry) runs[day] = entry.run;
  }
  return runs;
}

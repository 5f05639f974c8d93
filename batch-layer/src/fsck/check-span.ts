// Is a week or month row what the states of its days' runs make? It is merged again and compared by count and
// checksum. One that is not of the runs of now counts for nobody: it is told, and rebuilt where that is asked for.
import {
  dayOf,
  dayStart,
  type EpochMs,
  type Finding,
  type Fingerprint,
  formatDay,
  type Metric,
  RunChecksum,
  SPAN_GRAINS,
  type SpanGrain,
  type SpanRow,
  type UtcDay,
  windowEnd,
} from "@tandem/shared-logic";
import { readLedger } from "../ledger.ts";
import type { SealPorts } from "../seal.ts";
import { isDamaged } from "../set-aside-damage.ts";
import { partsOfSpan, runsOfSpan } from "../spans.ts";

export interface CheckedSpan {
  /** Of the ledger row. */
  readonly key: string;
  readonly row: SpanRow;
  readonly grain: SpanGrain;
  readonly from: EpochMs;
  /** Undefined: no folder has its file. */
  readonly metric: Metric | undefined;
}

export async function readSpans(
  { views }: Pick<SealPorts, "views">,
  dataset: string,
  metrics: readonly Metric[],
): Promise<CheckedSpan[]> {
  const byFingerprint = new Map<string, Metric>(metrics.map((m) => [m.fingerprint, m]));
  const prefix = `span/${dataset}/`;
  return (await views.ledgerRows(prefix)).flatMap(({ key, value }) => {
    const [fp = "", name, day] = key.slice(prefix.length).split("/");
    const grain = SPAN_GRAINS.find((g) => g === name);
    if (!grain || !/^-?\d+$/.test(day ?? "")) return [];
    const from = dayStart(Number(day) as UtcDay);
    const row = JSON.parse(value) as SpanRow;
    return [{ key, row, grain, from, metric: byFingerprint.get(fp as Fingerprint) }];
  });
}

export async function checkSpan(
  ports: Pick<SealPorts, "views" | "objects" | "tasks">,
  dataset: string,
  { key, row, grain, from, metric }: CheckedSpan,
): Promise<Finding | undefined> {
  const here = { at: row.run, day: dayOf(from) };
  const stored = await ports.views.readBack(row.run);
  if (!metric) return { kind: "run_unknown", says: `${stored.count} rows`, ...here };
  const window = { from, until: windowEnd(from, grain) };
  const about = `${metric.name}, ${grain} of ${formatDay(here.day)}`;
  const runs = await runsOfSpan(ports, dataset, metric.fingerprint, window);
  if (!sameRuns(runs, row.runs)) return { kind: "span_stale", says: about, ...here };
  const days = await partsOfSpan(ports, dataset, runs);
  const unchecked: Finding = { kind: "span_unchecked", says: about, ...here };
  if (!days) return unchecked;
  const { fingerprint } = metric;
  let rows: Awaited<ReturnType<SealPorts["tasks"]>>;
  try {
    rows = await ports.tasks({ task: "merge-span", fingerprint, grain, window, days });
  } catch (error) {
    if (isDamaged(error)) return unchecked;
    throw error;
  }
  const sum = new RunChecksum();
  for (const made of rows) sum.add(made);
  const { count, checksum } = sum.done();
  if (count === stored.count && checksum === stored.checksum) return undefined;
  // Rebuilt, or of other days, since it was read: nothing is wrong with it.
  if (await changed(ports, dataset, key, { row, runs, window, metric })) return undefined;
  const says =
    count === stored.count
      ? `${about}: ${count} rows, of which some hold something else`
      : `${about}: ${stored.count} rows are stored, ${count} were computed`;
  return { kind: "span_rows", says, ...here };
}

async function changed(
  ports: Pick<SealPorts, "views">,
  dataset: string,
  key: string,
  was: {
    readonly row: SpanRow;
    readonly runs: SpanRow["runs"];
    readonly window: { readonly from: EpochMs; readonly until: EpochMs };
    readonly metric: Metric;
  },
): Promise<boolean> {
  const now = (await readLedger<SpanRow>(ports.views, key)).value;
  if (now?.run !== was.row.run) return true;
  const runs = await runsOfSpan(ports, dataset, was.metric.fingerprint, was.window);
  return !sameRuns(runs, was.runs);
}

function sameRuns(a: SpanRow["runs"], b: SpanRow["runs"]): boolean {
  const days = Object.keys(a);
  return days.length === Object.keys(b).length && days.every((day) => a[day] === b[day]);
}

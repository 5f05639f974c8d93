// Rolls the minute cells of a day's run up to hours: each kept state becomes one with a cell an hour, and the run of
// those, at the same V, takes the place of the other one by compare-and-set. Hours, days and everything made of them
// are the same as before, byte for byte of each hour's state.
import {
  type Algebra,
  cellsPerBlock,
  type DayRow,
  dayKey,
  decodeBlock,
  EMPTY_DAY,
  type EpochMs,
  encodeBlock,
  encodePartial,
  type Metric,
  type PartialRow,
  RunChecksum,
  type RunObject,
  refOf,
  runObjectKey,
  type UtcDay,
} from "@tandem/shared-logic";
import { readRunObject } from "../heal/last-run.ts";
import { casLedger, readLedger } from "../ledger.ts";
import { notDropping, refuseSwept, withFlip } from "../publish.ts";
import { readPartial } from "../read-partial.ts";
import { runId, type Sha256 } from "../run-id.ts";
import { type SealPorts, writeRows } from "../seal.ts";

export interface RollUpFacts {
  readonly dataset: string;
  readonly metric: Metric;
  readonly at: EpochMs;
}

/** False where the day shows another run by now, or the run's parts are not there. */
export async function rollUpRun(
  ports: SealPorts,
  { dataset, metric, at }: RollUpFacts,
  day: UtcDay,
  run: string,
): Promise<boolean> {
  const fp = metric.fingerprint;
  const key = dayKey(dataset, day);
  const before = (await readLedger<DayRow>(ports.views, key)).value ?? EMPTY_DAY;
  const entry = before.entries[fp];
  const object = await readRunObject(ports, dataset, run);
  if (entry?.run !== run || entry.pinned || entry.grain || !object) return false;
  const partials: string[] = [];
  for (const minutes of object.partials) {
    const hours = hourlyKey(ports.sha256, minutes);
    const { rows } = await readPartial(ports.objects, minutes);
    await ports.objects.putIfAbsent(hours, encodePartial(rows.map((r) => hourly(metric, r))));
    partials.push(hours);
  }
  const rolled = runId(ports.sha256, dataset, fp, day, entry.v, partials);
  const rows = await ports.tasks({ task: "merge-day", fingerprint: fp, day, partials });
  const sum = new RunChecksum();
  for (const row of rows) sum.add(row);
  const made: RunObject = { fingerprint: fp, day, v: entry.v, partials, sum: sum.done() };
  const bytes = new TextEncoder().encode(JSON.stringify(made));
  await ports.objects.putIfAbsent(runObjectKey(dataset, rolled), bytes);
  await writeRows(ports.views, rolled, rows, made.sum);
  for (;;) {
    const seen = await readLedger<DayRow>(ports.views, key);
    const row = seen.value ?? EMPTY_DAY;
    const now = row.entries[fp];
    if (now?.run !== run || now.pinned) return false;
    refuseSwept(row, rolled, before.sweeps ?? 0);
    const ref = { ...refOf(now), run: rolled, grain: "hour" as const };
    const others = (row.selectable[fp] ?? []).filter((r) => r.run !== rolled);
    const flip = { at, by: "retention", did: "rollup" as const, runs: { [fp]: rolled } };
    const next: DayRow = {
      ...notDropping(row, [rolled]),
      entries: { ...row.entries, [fp]: ref },
      selectable: { ...row.selectable, [fp]: [...others, ref] },
      ...withFlip(row, flip),
    };
    if (await casLedger(ports.views, key, seen, next)) return true;
  }
}

/** Beside the state it is made of. */
function hourlyKey(sha256: Sha256, minutes: string): string {
  const at = minutes.lastIndexOf("-");
  const hash = sha256(new TextEncoder().encode(`hours of ${minutes}`)).slice(0, 32);
  return `${minutes.slice(0, at)}-${hash}.bin`;
}

/** The block with one cell: the sum of its own. */
export function hourly(metric: Metric, row: PartialRow): PartialRow {
  const algebra = metric.reducer.exact as Algebra<unknown, unknown>;
  const cells = decodeBlock(row.state);
  if (cells.length === 0 || cellsPerBlock(metric.reducer.grains[0] ?? "hour") === 1) return row;
  const state = cells.map((c) => algebra.decode(c.state)).reduce((a, b) => algebra.plus(a, b));
  const { events, skipped } = row;
  return {
    ...row,
    state: encodeBlock([{ cell: 0, events, skipped, state: algebra.encode(state) }]),
  };
}

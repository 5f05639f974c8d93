// Rolls the cells of a day's run up to hours or to one of the day: each kept state becomes one of longer cells, and the
// run of those, at the same V, takes the place of the other one by compare-and-set. What is made of whole such cells
// is the same as before, byte for byte of each one's state.
import {
  type Algebra,
  type DayRow,
  dayKey,
  decodeBlock,
  EMPTY_DAY,
  type EpochMs,
  encodeBlock,
  encodePartial,
  GRAIN_MS,
  type Metric,
  type PartialRow,
  type RolledGrain,
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
  readonly grain: RolledGrain;
}

/** False where the day shows another run by now, or the run's parts are not there. */
export async function rollUpRun(
  ports: SealPorts,
  { dataset, metric, at, grain }: RollUpFacts,
  day: UtcDay,
  run: string,
): Promise<boolean> {
  const fp = metric.fingerprint;
  const key = dayKey(dataset, day);
  const before = (await readLedger<DayRow>(ports.views, key)).value ?? EMPTY_DAY;
  const entry = before.entries[fp];
  const object = await readRunObject(ports, dataset, run);
  if (entry?.run !== run || entry.pinned || !object) return false;
  if (entry.grain === grain || entry.grain === "day") return false;
  const partials: string[] = [];
  for (const finer of object.partials) {
    const key = rolledKey(ports.sha256, finer, grain);
    const { rows } = await readPartial(ports.objects, finer);
    await ports.objects.putIfAbsent(key, encodePartial(rolledUp(metric, rows, grain)));
    partials.push(key);
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
    const ref = { ...refOf(now), run: rolled, grain };
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
function rolledKey(sha256: Sha256, finer: string, grain: RolledGrain): string {
  const at = finer.lastIndexOf("-");
  const hash = sha256(new TextEncoder().encode(`${grain}s of ${finer}`)).slice(0, 32);
  return `${finer.slice(0, at)}-${hash}.bin`;
}

/** Rows of one cell an hour or a day: each the sum of its own. */
export function rolledUp(
  metric: Metric,
  rows: readonly PartialRow[],
  grain: RolledGrain,
): PartialRow[] {
  const algebra = metric.reducer.exact as Algebra<unknown, unknown>;
  const cellMs = GRAIN_MS[grain];
  const made = new Map<string, { row: PartialRow; state: unknown }>();
  for (const row of rows) {
    const startMs = (Math.floor(row.startMs / cellMs) * cellMs) as EpochMs;
    const key = `${startMs} ${row.set} ${row.tenant.length} ${row.tenant}${row.group}`;
    let { row: into, state } = made.get(key) ?? {
      row: { ...row, startMs, events: 0, skipped: 0 },
      state: algebra.zero,
    };
    for (const c of decodeBlock(row.state)) {
      state = algebra.plus(state, algebra.decode(c.state));
      into = { ...into, events: into.events + c.events, skipped: into.skipped + c.skipped };
    }
    made.set(key, { row: into, state });
  }
  return [...made.values()].map(({ row, state }) => {
    const { events, skipped } = row;
    return {
      ...row,
      state: encodeBlock([{ cell: 0, events, skipped, state: algebra.encode(state) }]),
    };
  });
}

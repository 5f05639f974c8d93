// Publishing: one compare-and-set of the day's ledger row makes a run visible. Losing only to other
// metrics merges and tries again; losing to the same one is "superseded". V goes back by rollback alone.
import {
  type DayEntry,
  type DayFlip,
  type DayRow,
  dayKey,
  EMPTY_DAY,
  type Fingerprint,
  GOING,
  type RunRef,
  refOf,
  TandemError,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { casLedger, readLedger } from "./ledger.ts";

export type Published =
  | { readonly state: "published" | "unchanged"; readonly run: string }
  /** Another run of the same metric and day stands there, or it is pinned. */
  | { readonly state: "superseded"; readonly by: string; readonly pinned: boolean };

/** What the day's ledger row is to say about a change. */
export type FlipNote = Omit<DayFlip, "runs">;

export const atLeast = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((v, p) => v >= (b[p] ?? 0));

/** The row's flips with one more; what one seal publishes, metric by metric, is one flip. */
export function withFlip(row: DayRow, flip: DayFlip | undefined): Pick<DayRow, "flips"> {
  const flips = row.flips ?? [];
  if (!flip) return row.flips ? { flips } : {};
  const last = flips.at(-1);
  const same =
    last?.did === "publish" && flip.did === "publish" && last.at === flip.at && last.by === flip.by;
  return same
    ? { flips: [...flips.slice(0, -1), { ...last, runs: { ...last.runs, ...flip.runs } }] }
    : { flips: [...flips, flip] };
}

/** Throws, to be tried again, where retention is removing the run's rows, or may have since `sweeps` was read. */
export function refuseSwept(row: DayRow, run: string, sweeps = row.sweeps ?? 0): void {
  if (row.dropping?.[run] !== GOING && (row.sweeps ?? 0) === sweeps) return;
  throw new TandemError("store_unavailable", {
    message: `rows of the day were being removed by retention; run ${run} is written and tried again`,
    details: { run },
  });
}

/** The row without runs on its list of those to be dropped: they are published, or their rows are gone. */
export function notDropping(row: DayRow, runs: readonly string[]): DayRow {
  const { dropping, ...rest } = row;
  const left = Object.entries(dropping ?? {}).filter(([run]) => !runs.includes(run));
  return left.length > 0 ? { ...rest, dropping: Object.fromEntries(left) } : rest;
}

/** `before`: the entry seen when the run was planned. `sweeps`: of the day's row before its rows were written. */
export async function publish(
  views: ViewStore,
  dataset: string,
  day: UtcDay,
  fp: Fingerprint,
  ref: RunRef,
  before: DayEntry | undefined,
  note?: FlipNote,
  sweeps?: number,
): Promise<Published> {
  const key = dayKey(dataset, day);
  for (;;) {
    const seen = await readLedger<DayRow>(views, key);
    const row = seen.value ?? EMPTY_DAY;
    const current = row.entries[fp];
    if (current?.pinned) return { state: "superseded", by: current.run, pinned: true };
    if (current?.run === ref.run && atLeast(ref.v, current.v) && atLeast(current.v, ref.v)) {
      return { state: "unchanged", run: ref.run };
    }
    if (current && (current.run !== before?.run || !atLeast(ref.v, current.v))) {
      return { state: "superseded", by: current.run, pinned: false };
    }
    refuseSwept(row, ref.run, sweeps);
    const others = (row.selectable[fp] ?? []).filter((r) => r.run !== ref.run);
    const next: DayRow = {
      ...notDropping(row, [ref.run]),
      entries: { ...row.entries, [fp]: refOf(ref) },
      selectable: { ...row.selectable, [fp]: [...others, refOf(ref)] },
      ...withFlip(row, note && { ...note, runs: { [fp]: ref.run } }),
    };
    if (await casLedger(views, key, seen, next)) return { state: "published", run: ref.run };
  }
}

/** Goes back to a selectable run at or below the current V and pins the day; undefined where none is. */
export async function rollback(
  views: ViewStore,
  dataset: string,
  day: UtcDay,
  fp: Fingerprint,
  to?: string,
  note?: FlipNote,
): Promise<RunRef | undefined> {
  const seen = await readLedger<DayRow>(views, dayKey(dataset, day));
  const row = seen.value ?? EMPTY_DAY;
  const current = row.entries[fp];
  if (!current) return undefined;
  const older = (row.selectable[fp] ?? []).filter(
    (r) => r.run !== current.run && atLeast(current.v, r.v),
  );
  const target = to === undefined ? older.at(-1) : older.find((r) => r.run === to);
  if (!target) return undefined;
  const next = {
    ...row,
    entries: { ...row.entries, [fp]: { ...target, pinned: true } },
    ...withFlip(row, note && { ...note, runs: { [fp]: target.run } }),
  };
  if (!(await casLedger(views, dayKey(dataset, day), seen, next))) {
    throw new TandemError("run_superseded", { details: { day, fingerprint: fp } });
  }
  return target;
}

/** Lets the planner publish to the day again. */
export async function unpin(
  views: ViewStore,
  dataset: string,
  day: UtcDay,
  fp: Fingerprint,
): Promise<boolean> {
  const seen = await readLedger<DayRow>(views, dayKey(dataset, day));
  const current = seen.value?.entries[fp];
  if (!seen.value || !current?.pinned) return false;
  return casLedger(views, dayKey(dataset, day), seen, {
    ...seen.value,
    entries: { ...seen.value.entries, [fp]: refOf(current) },
  });
}

/** Takes a run that is not the current one off the selectable list; the oldest where none is named. */
export async function retire(
  views: ViewStore,
  dataset: string,
  day: UtcDay,
  fp: Fingerprint,
  run?: string,
): Promise<string | undefined> {
  const seen = await readLedger<DayRow>(views, dayKey(dataset, day));
  const row = seen.value;
  const current = row?.entries[fp]?.run;
  const old = (row?.selectable[fp] ?? []).find(
    (r) => r.run !== current && (run === undefined || r.run === run),
  );
  if (!row || !old) return undefined;
  const kept = (row.selectable[fp] ?? []).filter((r) => r.run !== old.run);
  const done = await casLedger(views, dayKey(dataset, day), seen, {
    ...row,
    selectable: { ...row.selectable, [fp]: kept },
  });
  return done ? old.run : undefined;
}

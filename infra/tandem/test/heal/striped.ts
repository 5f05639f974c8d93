// Striped runs: every cell of run n says n, so that an answer made of two runs shows. Publishes one run after
// the other until it is killed; told to be a child process by the test beside it.
import { SqliteViewStore } from "@tandem/adapters/embedded";
import { publish, readLedger, writeRows } from "@tandem/batch-layer";
import {
  type Algebra,
  count,
  type DayRow,
  dayKey,
  dayStart,
  type EpochMs,
  encodeBlock,
  HOUR_MS,
  metric,
  parseDay,
  type RunRow,
  type UtcDay,
} from "@tandem/shared-logic";

export const DATASET = "events";
export const TENANT = "shop";
export const DAY = "2026-03-02";
export const striped = metric({
  name: "striped",
  title: "Striped",
  unit: "events",
  version: 1,
  reducer: count({ grains: ["hour"] }),
  examples: [],
});

const day = parseDay(DAY) as UtcDay;
const runOf = (n: number): string => `${DAY}-${n.toString(16).padStart(32, "0")}`;
const stripeOf = (run: string): number => Number.parseInt(run.slice(-8), 16);

function rowsOf(n: number): RunRow[] {
  const { encode } = striped.reducer.exact as Algebra<unknown, { count: number }>;
  return Array.from({ length: 24 }, (_, hour) => ({
    ...{ tenant: TENANT, set: 0, group: "[]", grain: "hour" as const },
    startMs: (dayStart(day) + hour * HOUR_MS) as EpochMs,
    ...{ events: n, skipped: 0 },
    state: encodeBlock([{ cell: 0, events: n, skipped: 0, state: encode({ count: n }) }]),
  }));
}

/** Publishes the next stripe; returns its number. */
export async function publishNext(views: SqliteViewStore): Promise<number> {
  const fp = striped.fingerprint;
  const before = (await readLedger<DayRow>(views, dayKey(DATASET, day))).value?.entries[fp];
  const n = (before ? stripeOf(before.run) : 0) + 1;
  await writeRows(views, runOf(n), rowsOf(n));
  await publish(views, DATASET, day, fp, { run: runOf(n), v: [n] }, before);
  return n;
}

if (process.argv[1] === import.meta.filename) {
  const views = new SqliteViewStore(process.argv[2] ?? "");
  for (;;) process.send?.(await publishNext(views));
}

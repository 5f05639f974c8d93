// The work of a batch run on a state: cut, archive, plan, write, publish, by the real planner and ledger; and what
// a broken rule makes of it.
import {
  dataDays,
  planDays,
  publish,
  readLedger,
  unpinDay,
  withoutLost,
} from "@tandem/batch-layer";
import {
  type CutRow,
  cutKey,
  type DayRow,
  dayKey,
  EMPTY_DAY,
  type EpochMs,
  type Fingerprint,
  type ManifestEntry,
  type Metric,
  newestCut,
  type UtcDay,
} from "@tandem/shared-logic";
import type { BrokenRule } from "./rules.ts";
import { type StateStore, writeRun } from "./state-store.ts";
import {
  DATASET,
  DAYS,
  isSent,
  METRICS,
  PARTITIONS,
  type Sent,
  type State,
  type Written,
} from "./universe.ts";

const GENESIS = PARTITIONS.map(() => 0);
export const replaced = <T>(list: readonly T[], at: number, value: T): T[] =>
  list.map((v, i) => (i === at ? value : v));

export const cutRowOf = (state: State): CutRow =>
  JSON.parse(state.ledger.get(cutKey(DATASET))?.value ?? "{}") as CutRow;

/** A cut in these partitions, archived there; one that others began is finished first. */
export function cutAndArchive(state: State, partitions: readonly number[]): State {
  let next = state;
  const row = cutRowOf(state);
  if (!row.done) for (const p of PARTITIONS) next = marked(next, p, row.seq);
  const seq = row.seq + 1;
  for (const p of partitions) next = marked(next, p, seq);
  const done = partitions.length === PARTITIONS.length;
  const key = cutKey(DATASET);
  const version = (state.ledger.get(key)?.version ?? 0) + 1;
  const value = JSON.stringify({ ...row, seq, done });
  return { ...next, ledger: new Map(next.ledger).set(key, { key, version, value }) };
}

function marked(state: State, partition: number, seq: number): State {
  const log = [...(state.log[partition] ?? []), { seq }];
  const entries = state.manifest[partition] ?? [];
  const from = entries.at(-1)?.to ?? 0;
  const sent = log.slice(from).filter(isSent);
  const days: Record<string, number> = {};
  for (const e of sent) days[e.day] = (days[e.day] ?? 0) + 1;
  const known = (entries.at(-1)?.seq ?? 0) >= seq;
  const entry: ManifestEntry = {
    ...{ dataset: DATASET, partition, from, to: log.length, object: `${from}`, sizeBytes: 1 },
    ...{ sha256: "", events: sent.length, cuts: 1, dead: 0, days, sentDays: days },
    ...{ receivedMs: null, seq },
    ...(known ? {} : { cut: { seq, activates: [], retires: [] } }),
  };
  return {
    ...state,
    log: replaced(state.log, partition, log),
    manifest: replaced(state.manifest, partition, [...entries, entry]),
  };
}

export const dayRow = async (store: StateStore, day: UtcDay): Promise<DayRow> =>
  (await readLedger<DayRow>(store, dayKey(DATASET, day))).value ?? EMPTY_DAY;

/** Events that a run of the day at V reads, of days that its windows reach. */
function takenBy(
  state: State,
  metric: Metric,
  day: UtcDay,
  v: readonly number[],
  rule: BrokenRule | undefined,
  rows: ReadonlyMap<UtcDay, DayRow>,
): Sent[] {
  const { beforeMs, afterMs } = metric.reducer.reach;
  const [from, until] = [day * 86_400_000 - beforeMs, (day + 1) * 86_400_000 + afterMs];
  return PARTITIONS.flatMap((p) => {
    const lost = (state.manifest[p] ?? []).filter((e) => e.lost);
    return (state.log[p] ?? []).filter((e, offset): e is Sent => {
      if (!isSent(e) || (e.copy && rule !== "copies are counted by batch")) return false;
      const hour = Math.floor(e.timeMs / 3_600_000) * 3_600_000;
      if (hour + 3_600_000 <= from || e.timeMs >= until) return false;
      if (lost.some((l) => offset >= l.from && offset < l.to)) return false;
      const own = rows.get(e.day)?.entries[metric.fingerprint]?.v;
      const at =
        rule === "a run's reach ends at the neighbour's V" && own && e.day !== day ? own : v;
      return offset < (at[p] ?? 0) + (rule === "V is inclusive" ? 1 : 0);
    });
  });
}

/** Writes the runs that the real planner asks for; `forced`: of all days with data, whether they need it or not. */
export async function planned(
  store: StateStore,
  rule: BrokenRule | undefined,
  forced = false,
): Promise<Written[]> {
  const { state } = store;
  const cut = newestCut(state.manifest);
  if (!cut) return [];
  const days = new Map<UtcDay, DayRow>();
  for (const day of DAYS) days.set(day, await dayRow(store, day));
  const archive = { genesis: GENESIS, manifest: state.manifest };
  const short = { beforeMs: 0, afterMs: 0 };
  const metrics = METRICS.map((m) =>
    rule === "a late event heals its own day only"
      ? { ...m, reducer: { ...m.reducer, reach: short } }
      : m,
  );
  const request = { archive, cut, cutRow: cutRowOf(state), days, metrics };
  const today = ((DAYS.at(-1) ?? 0) + 9) as UtcDay;
  const data = dataDays(archive, cut.v);
  const wanted: { day: UtcDay; metrics: readonly Metric[] }[] = forced
    ? DAYS.filter((day) => data && day >= data.first && day <= data.last).map((day) => ({
        day,
        metrics: METRICS,
      }))
    : planDays({ ...request, today, includeOpen: true });
  return wanted.flatMap(({ day, metrics: list }) =>
    METRICS.filter((m) => list.some((l) => l.fingerprint === m.fingerprint)).map((metric) => {
      const lost =
        rule === "lost records are not told" ? {} : withoutLost(archive, cut.v, metric, day);
      const run = writeRun(metric, day, cut.v, takenBy(state, metric, day, cut.v, rule, days));
      const before = days.get(day)?.entries[metric.fingerprint];
      return { metric, day, ref: { run, v: cut.v, ...lost }, before };
    }),
  );
}

async function publishOne(
  store: StateStore,
  w: Written,
  rule: BrokenRule | undefined,
): Promise<void> {
  const { fingerprint: fp } = w.metric;
  const at = store.state.tick as EpochMs;
  const note =
    rule === "a change is not told" ? undefined : { at, by: "batch", did: "publish" as const };
  const row = await dayRow(store, w.day);
  let { before } = w;
  if (rule === "what stands is not looked at before publishing" && row.entries[fp]) {
    const key = dayKey(DATASET, w.day);
    const seen = store.state.ledger.get(key);
    const { [fp]: _, ...entries } = row.entries as Record<
      Fingerprint,
      DayRow["entries"][Fingerprint]
    >;
    await store.cas(key, seen?.version ?? 0, JSON.stringify({ ...row, entries }));
    before = undefined;
  }
  if (rule === "a pinned day is published to")
    await unpinDay(store, DATASET, w.day, { by: "x", at });
  await publish(store, DATASET, w.day, fp, w.ref, before, note);
}

export async function all(
  store: StateStore,
  runs: readonly Written[],
  rule?: BrokenRule,
): Promise<State> {
  for (const w of runs) await publishOne(store, w, rule);
  return store.state;
}

// What can happen, each a step from one state to the next by the real planner and ledger; undefined where it
// changes nothing. A batch run may be interrupted between any two of its publishes, and others come between.
import { droppable, dropSegments, retire, rollbackDay, unpinDay } from "@tandem/batch-layer";
import { type CutRow, cutKey, type EpochMs, TandemError } from "@tandem/shared-logic";
import { all, cutAndArchive, dayRow, planned, replaced } from "./batch-work.ts";
import type { BrokenRule } from "./rules.ts";
import { StateStore } from "./state-store.ts";
import {
  DATASET,
  DAYS,
  isSent,
  type Kind,
  METRICS,
  PARTITIONS,
  type Sent,
  type State,
  sentAt,
} from "./universe.ts";

export type Step = (state: State, rule?: BrokenRule) => Promise<State | undefined>;
const GENESIS = PARTITIONS.map(() => 0);
export function emptyState(): State {
  const activatedAt = Object.fromEntries(METRICS.map((m) => [m.fingerprint, 0]));
  const cut: CutRow = {
    ...{ seq: 0, activates: [], retires: [], retired: [], done: true },
    activatedAt,
  };
  const row = { key: cutKey(DATASET), version: 1, value: JSON.stringify(cut) };
  return {
    log: PARTITIONS.map(() => []),
    manifest: PARTITIONS.map(() => []),
    positions: GENESIS,
    flushed: GENESIS,
    ledger: new Map([[row.key, row]]),
    dropped: new Map(),
    inHand: undefined,
    tick: 0,
    sent: 0,
    shown: [new Map()],
  };
}

const append = (state: State, sent: Sent): State => ({
  ...state,
  sent: state.sent + 1,
  log: replaced(state.log, sent.partition, [...(state.log[sent.partition] ?? []), sent]),
});

const send =
  (kind: Kind): Step =>
  async (state) =>
    append(state, sentAt(kind, state.sent));

/** The last event of the first partition comes once more. */
const again: Step = async (state) => {
  const last = state.log[0]?.findLast(isSent);
  return last && !last.copy ? append(state, { ...last, copy: true }) : undefined;
};

const fold: Step = async (state) => {
  const ends = state.log.map((l) => l.length);
  if (ends.every((end, p) => end === state.positions[p])) return undefined;
  return { ...state, positions: ends, flushed: ends };
};

/** A flush is cut short: rows of the first day are there, others and the position are not. */
const torn: Step = async (state, rule) => {
  const ends = state.log.map((l) => l.length);
  if (ends.every((end, p) => end === state.flushed[p])) return undefined;
  if (rule === "position before rows") return { ...state, positions: ends };
  return { ...state, flushed: ends };
};

/** A whole batch run. */
const ok: Step = async (state, rule) => {
  const store = new StateStore(cutAndArchive(state, PARTITIONS), rule);
  return all(store, await planned(store, rule), rule);
};

/** A batch run that is slow, or fails: its runs are written, none is published yet. */
const begin: Step = async (state, rule) => {
  const store = new StateStore(cutAndArchive(state, PARTITIONS), rule);
  const inHand = await planned(store, rule);
  return inHand.length === 0 ? undefined : { ...store.state, inHand };
};

/** It publishes one more; where it is killed after it, the run was partial. */
const one: Step = async (state, rule) => {
  const [first, ...rest] = state.inHand ?? [];
  if (!first) return undefined;
  const store = new StateStore({ ...state, inHand: rest.length > 0 ? rest : undefined }, rule);
  return all(store, [first], rule);
};

const rest: Step = async (state, rule) =>
  state.inHand && all(new StateStore({ ...state, inHand: undefined }, rule), state.inHand, rule);

/** A planner dies between the two partitions of a cut. */
const half: Step = async (state) => cutAndArchive(state, [0]);

/** Somebody runs every day again, at the newest cut there is, needed or not. */
const rerun: Step = async (state, rule) => {
  const store = new StateStore(state, rule);
  const runs = await planned(store, rule, true);
  const damaged = state.manifest.some((list) => list.some((e) => e.lost));
  return runs.length === 0 || damaged ? undefined : all(store, runs, rule);
};

/** Of the day's last change, by an operator; it may be refused. */
const back =
  (n: number): Step =>
  async (state, rule) => {
    const store = new StateStore(state, rule);
    const actor = { by: "ann", at: state.tick as EpochMs };
    try {
      await rollbackDay(store, DATASET, DAYS[n] ?? DAYS[0]!, METRICS, actor);
    } catch (error) {
      if (!(error instanceof TandemError && error.code === "rollback_refused")) throw error;
    }
    return store.state === state ? undefined : store.state;
  };

const unpin: Step = async (state) => {
  const store = new StateStore(state);
  for (const day of DAYS)
    await unpinDay(store, DATASET, day, { by: "ann", at: state.tick as EpochMs });
  return store.state === state ? undefined : store.state;
};

const retireOldest: Step = async (state) => {
  const store = new StateStore(state);
  for (const day of DAYS) for (const m of METRICS) await retire(store, DATASET, day, m.fingerprint);
  return store.state === state ? undefined : store.state;
};

const drop: Step = async (state, rule) => {
  const store = new StateStore(state);
  for (const day of DAYS) {
    for (const m of METRICS) {
      const reach =
        rule === "a drop looks at its own day only" ? { beforeMs: 0, afterMs: 0 } : m.reducer.reach;
      const seen = { ...m, reducer: { ...m.reducer, reach } };
      if (rule === "dropped below the newest run only") {
        const below = await droppable(store, DATASET, seen, day);
        const v = (await dayRow(store, day)).entries[m.fingerprint]?.v;
        if (below && v) await store.dropSpeed(DATASET, m.fingerprint, day, v);
      } else await dropSegments(store, DATASET, seen, day);
    }
  }
  return same(store.state.dropped, state.dropped) ? undefined : store.state;
};

const same = (a: State["dropped"], b: State["dropped"]): boolean =>
  JSON.stringify([...a]) === JSON.stringify([...b]);

/** The newest object of the first partition is damaged, the log does not reach back, a repair gives it up. */
const lose: Step = async (state) => {
  const entries = state.manifest[0] ?? [];
  const at = entries.findLastIndex((e) => e.events > 0);
  const entry = entries[at];
  if (!entry) return undefined;
  const lost = { records: entry.events, days: entry.days, why: "damaged" };
  const given = { ...entry, events: 0, days: {}, sentDays: {}, lost };
  // Runs written from it before are not published any more: batch verifies what it reads.
  return {
    ...state,
    inHand: undefined,
    manifest: replaced(state.manifest, 0, replaced(entries, at, given)),
  };
};

export const OPERATIONS: Readonly<Record<string, Step>> = {
  ...{ a: send("a"), b: send("b"), c: send("c"), d: send("d"), again, fold, torn },
  ...{ ok, begin, one, rest, half, rerun },
  ...{ back0: back(0), back1: back(1), unpin, retire: retireOldest, drop, lose },
};

// Broken rules of V, publishing, rollback and dropping: what planners must never do.
import { dropSegments, readLedger } from "@tandem/batch-layer";
import {
  type DayEntry,
  type DayRow,
  dayKey,
  dayOf,
  decodeCut,
  EMPTY_DAY,
  type EventLog,
  type Fingerprint,
  type LedgerRow,
  type Metric,
  NO_REACH,
  RECORD_CUT,
  type RunRef,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import type { Rule } from "./broken-rule.ts";
import { changed } from "./port-wrappers.ts";
import { DAYS } from "./told-log.ts";
import { DATASET } from "./world.ts";

const isDay = (key: string): boolean => key.startsWith("day/");
const dayOfKey = (key: string): number => Number(key.slice(key.lastIndexOf("/") + 1));

/** A planner's view of a day's ledger row. */
const seeing = (base: ViewStore, change: (row: DayRow, day: number) => DayRow): ViewStore =>
  changed(base, {
    ledger: async (key) => {
      const row = await base.ledger(key);
      if (!isDay(key)) return row;
      const value = row ? (JSON.parse(row.value) as DayRow) : EMPTY_DAY;
      return {
        key,
        version: row?.version ?? 0,
        value: JSON.stringify(change(value, dayOfKey(key))),
      };
    },
  });

const withoutReach = (metric: Metric): Metric => ({
  ...metric,
  reducer: { ...metric.reducer, reach: NO_REACH },
});

const mapRuns = <T, U>(
  of: Readonly<Record<Fingerprint, T>>,
  change: (value: T, fp: Fingerprint) => U,
): Record<Fingerprint, U> =>
  Object.fromEntries(
    (Object.entries(of) as [Fingerprint, T][]).map(([fp, value]) => [fp, change(value, fp)]),
  ) as Record<Fingerprint, U>;

const appendedV: Rule = {
  name: "V is taken from an append's result",
  plant() {
    const offsets = new Map<number, number[]>();
    return {
      log: (base) =>
        changed<EventLog>(base, {
          append: async (dataset, records) => {
            const results = await base.append(dataset, records);
            for (const [i, { partition, value }] of records.entries()) {
              const result = results[i];
              if (value[2] !== RECORD_CUT || !result?.ok) continue;
              const { seq } = decodeCut(value);
              const v = offsets.get(seq) ?? [];
              v[partition] = result.offset + 1;
              offsets.set(seq, v);
            }
            return results;
          },
        }),
      cut: (cut) => ({ ...cut, v: cut.v.map((v, p) => offsets.get(cut.seq)?.[p] ?? v) }),
    };
  },
};

const inclusiveV: Rule = {
  name: "V is inclusive",
  plant: () => ({ cut: (cut) => ({ ...cut, v: cut.v.map((v) => v + 1) }) }),
};

const belowActivation: Rule = {
  name: "a run may lie below the activating cut",
  plant: () => ({ cutRow: (row) => ({ ...row, activatedAt: mapRuns(row.activatedAt, () => 0) }) }),
};

const ownDayHeals: Rule = {
  name: "a late event heals its own day only",
  plant: () => ({ planned: withoutReach }),
};

const notMerged: Rule = {
  name: "publishing does not merge with what others published",
  plant: () => ({
    views: (base, { role }) => {
      if (role !== "planner") return base;
      const first = new Map<string, LedgerRow | undefined>();
      return changed(base, {
        ledger: async (key) => {
          if (!isDay(key)) return base.ledger(key);
          if (!first.has(key)) first.set(key, await base.ledger(key));
          return first.get(key);
        },
        cas: async (key, version, value) =>
          base.cas(key, isDay(key) ? ((await base.ledger(key))?.version ?? 0) : version, value),
      });
    },
  }),
};

const slowPlanner: Rule = {
  name: "a slow planner may take V back",
  plant: () => ({
    views: (base, { role }) => {
      if (role !== "planner") return base;
      return changed(
        seeing(base, (row) => ({ ...row, entries: {} })),
        {
          cas: async (key, version, value) => {
            if (!isDay(key)) return base.cas(key, version, value);
            const now = await readLedger<DayRow>(base, key);
            const next = JSON.parse(value) as DayRow;
            const merged = { ...next, entries: { ...now.value?.entries, ...next.entries } };
            return base.cas(key, version, JSON.stringify(merged));
          },
        },
      );
    },
  }),
};

const retiredRun: Rule = {
  name: "rollback to a run that is no longer selectable",
  plant: (world) => ({
    views: (base, { role }) =>
      role === "rollback"
        ? seeing(base, (row, day) => ({
            ...row,
            selectable: mapRuns(
              row.selectable,
              (_, fp) => world.watch.published.get(`${fp}|${day}`) ?? [],
            ),
          }))
        : base,
  }),
};

async function lowestOfAll(views: ViewStore, fp: Fingerprint): Promise<number[] | undefined> {
  let limit: number[] | undefined;
  for (const day of DAYS) {
    const row = (await readLedger<DayRow>(views, dayKey(DATASET, day as UtcDay))).value;
    for (const { v } of row?.selectable[fp] ?? [])
      limit = limit ? limit.map((l, p) => Math.min(l, v[p] ?? 0)) : [...v];
  }
  return limit;
}

const droppedForAllDays: Rule = {
  name: "rows of all days are dropped below the V of every run there is",
  plant: () => ({
    drop: async (views, { fingerprint }) => {
      const below = await lowestOfAll(views, fingerprint);
      if (!below) return;
      for (const day of DAYS) await views.dropSpeed(DATASET, fingerprint, day as UtcDay, below);
    },
  }),
};

const dropOwnDay: Rule = {
  name: "dropping looks at its own day only",
  plant: () => ({ dropped: withoutReach }),
};

const dropBelowNewest: Rule = {
  name: "rows are dropped below the newest run only",
  plant: () => ({
    views: (base, { role }) =>
      role === "drop"
        ? seeing(base, (row) => ({
            ...row,
            selectable: mapRuns(row.entries, (entry: DayEntry): readonly RunRef[] => [entry]),
          }))
        : base,
  }),
};

const ABOVE_ALL: RunRef = { run: "none", v: [1e9, 1e9] };

const dayWithoutRun: Rule = {
  name: "a day without a run does not hold segments",
  plant: () => ({
    drop: async (views, metric, x) => {
      const fp = metric.fingerprint;
      // The day itself is read as it is: only neighbours without a run are passed over.
      const lenient = seeing(views, (row, day) =>
        day === x || (row.selectable[fp]?.length ?? 0) > 0
          ? row
          : { ...row, selectable: { ...row.selectable, [fp]: [ABOVE_ALL] } },
      );
      await dropSegments(lenient, DATASET, metric, x);
    },
  }),
};

/** Deleting takes its time. */
const SLOW_ROWS = 8;

const deletedFirst: Rule = {
  name: "rows are deleted before the drop is recorded",
  plant() {
    const gone = new Map<string, readonly number[]>();
    return {
      views: (base, { pause }) =>
        changed(base, {
          dropSpeed: async (dataset, fp, day, below) => {
            gone.set(`${fp}|${day}`, below);
            for (let row = 0; row < SLOW_ROWS; row++) await pause();
            await base.dropSpeed(dataset, fp, day, below);
          },
          readSpeed: async (q) =>
            (await base.readSpeed(q)).filter(
              (r) => r.segment >= (gone.get(`${r.fp}|${dayOf(r.startMs)}`)?.[r.partition] ?? 0),
            ),
        }),
    };
  },
};

export const PLANNER_RULES: readonly Rule[] = [
  appendedV,
  inclusiveV,
  belowActivation,
  ownDayHeals,
  notMerged,
  slowPlanner,
  retiredRun,
  droppedForAllDays,
  dropOwnDay,
  dropBelowNewest,
  dayWithoutRun,
  deletedFirst,
];

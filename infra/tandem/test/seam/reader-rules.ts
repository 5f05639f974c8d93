// Broken rules of reading: orders and shortcuts that make a wrong total.

import { readLedger } from "@tandem/batch-layer";
import {
  type DayRow,
  dayKey,
  dayOf,
  dayStart,
  epochMs,
  flushUnderWay,
  type Position,
  type ReadView,
  type RunRow,
  TOTAL_GROUP,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import type { Rule } from "./broken-rule.ts";
import { changed } from "./port-wrappers.ts";
import { DAYS, PARTITIONS } from "./told-log.ts";
import { DATASET, TENANT } from "./world.ts";

const reading = (name: string, views: (base: ViewStore) => ViewStore): Rule => ({
  name,
  plant: () => ({ views: (base, { role }) => (role === "reader" ? views(base) : base) }),
});

const genesisStart = reading("an absent start is read as genesis", (base) =>
  changed(base, {
    starts: async (dataset, fp, n) => (await base.starts(dataset, fp, n)).map((at) => at ?? 0),
  }),
);

/** The positions handed out are filled in when the cells have been read. */
const cellsFirst = reading("cells are read before the position", (base) => {
  let handed: Position[] = [];
  const now = async (): Promise<Position[]> =>
    (await base.positions(DATASET, PARTITIONS)).map((p) => ({ to: 0, asOf: epochMs(0), ...p }));
  return changed(base, {
    positions: async () => {
      handed = await now();
      return handed;
    },
    readSpeed: async (q) => {
      const rows = await base.readSpeed(q);
      for (const [p, position] of (await now()).entries()) Object.assign(handed[p] ?? {}, position);
      return rows;
    },
  });
});

/** What was read once is not read again. */
function remembering(base: ViewStore, what: readonly (keyof ViewStore)[]): ViewStore {
  const known = new Map<string, Promise<unknown>>();
  return new Proxy(base, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key);
      if (typeof method !== "function") return method;
      if (!what.some((name) => name === key)) return method.bind(target) as unknown;
      return (...args: readonly unknown[]) => {
        const call = JSON.stringify([key, args]);
        const before = known.get(call) ?? (Reflect.apply(method, target, args) as Promise<unknown>);
        known.set(call, before);
        return before;
      };
    },
  });
}

const positionOnly = reading("only the position is read again", (base) =>
  remembering(base, ["readSpeed", "starts", "ledger", "readRun", "dropped"]),
);

const neverAgain = reading("a flush under way is never read again", (base) => {
  let at: readonly number[] = [];
  return changed(base, {
    positions: async (dataset, n) => {
      const positions = await base.positions(dataset, n);
      at = positions.map((p) => p?.to ?? 0);
      return positions;
    },
    readSpeed: async (q) =>
      (await base.readSpeed(q)).map((r) => ({ ...r, to: Math.min(r.to, at[r.partition] ?? 0) })),
  });
});

const forEver: Rule = {
  name: "reads again as long as a row lies above the position",
  plant: () => ({ view: async (view) => (flushUnderWay(view) ? undefined : view) }),
};

const droppedEarly = reading("what was dropped is read before the cells", (base) => {
  let first = new Map<string, ReadonlyMap<UtcDay, readonly number[]>>();
  return changed(base, {
    starts: async (dataset, fp, n) => {
      const [from, until] = [(DAYS[0] ?? 0) - 1, (DAYS.at(-1) ?? 0) + 2] as [UtcDay, UtcDay];
      first = new Map([[fp, await base.dropped(dataset, fp, from, until, n)]]);
      return base.starts(dataset, fp, n);
    },
    dropped: async (dataset, fp, from, until, n) =>
      first.get(fp) ?? base.dropped(dataset, fp, from, until, n),
  });
});

const dropIsMissing = reading("a drop under the reader's feet is missing at once", (base) =>
  remembering(base, ["ledger"]),
);

const lagHides: Rule = {
  name: "lag hides the rows above V",
  plant: () => ({
    view: async (view) => ({
      ...view,
      speed: view.speed.filter((r) => {
        const v = view.days.get(dayOf(r.startMs))?.v[r.partition] ?? 0;
        return (view.positions[r.partition]?.to ?? 0) >= v;
      }),
    }),
  }),
};

async function neighbours(view: ReadView, views: ViewStore): Promise<ReadView> {
  const { fingerprint, reducer } = view.metric;
  if (reducer.reach.beforeMs === 0) return view;
  let { speed } = view;
  const runs = new Map(view.runs);
  for (const [day, entry] of view.days) {
    const x = (day - 1) as UtcDay;
    if (view.days.has(x) || !entry) continue;
    const own = (await readLedger<DayRow>(views, dayKey(DATASET, x))).value?.entries[fingerprint];
    if (!own) continue;
    speed = speed.filter((r) => dayOf(r.startMs) !== x || r.segment >= (own.v[r.partition] ?? 0));
    const from = dayStart(x);
    const until = dayStart(day);
    const grain = reducer.grains[0] ?? "hour";
    const asked = {
      run: own.run,
      tenant: TENANT,
      set: 0,
      grain,
      from,
      until,
      groups: [TOTAL_GROUP],
    };
    const theirs: readonly RunRow[] = await views.readRun(asked);
    const rows = runs.get(entry.run);
    if (!rows?.finest) continue;
    const finest = [...rows.finest.filter((r) => dayOf(r.startMs) !== x), ...theirs];
    runs.set(entry.run, { ...rows, finest });
  }
  return { ...view, speed, runs };
}

const ownV: Rule = {
  name: "each cell is read by the V of its own day",
  plant: () => ({ view: neighbours }),
};

export const READER_RULES: readonly Rule[] = [
  genesisStart,
  cellsFirst,
  positionOnly,
  neverAgain,
  forEver,
  droppedEarly,
  dropIsMissing,
  lagHides,
  ownV,
];

// The views with the runs of a side catalogue in the place of the published ones: what an asker of the catalogue sees.
// Everything else is as everybody sees it; nothing can be changed through it that is not the caller's own.
import {
  type DayEntry,
  type DayRow,
  dayKey,
  type Fingerprint,
  type LedgerRow,
  type ObjectStore,
  type RunObject,
  runObjectKey,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import type { SideRuns } from "./replay-catalogue.ts";

export interface CataloguePorts {
  readonly views: ViewStore;
  readonly objects: Pick<ObjectStore, "get" | "list">;
}

export function cataloguePorts(
  { views, objects }: { readonly views: ViewStore; readonly objects: ObjectStore },
  dataset: string,
  days: ReadonlyMap<UtcDay, SideRuns>,
): CataloguePorts {
  const rowsAt = new Map([...days].map(([day, runs]) => [dayKey(dataset, day), runs]));
  const changed = (row: LedgerRow): LedgerRow => {
    const runs = rowsAt.get(row.key);
    return runs ? { ...row, value: JSON.stringify(withRuns(JSON.parse(row.value), runs)) } : row;
  };
  const own: Pick<ViewStore, "ledger" | "ledgerRows" | "cas"> = {
    async ledger(key) {
      const row = await views.ledger(key);
      return row && changed(row);
    },
    ledgerRows: async (prefix) => (await views.ledgerRows(prefix)).map(changed),
    cas: async (key, version, value) => !rowsAt.has(key) && views.cas(key, version, value),
  };
  const runObjects = new Map<string, RunObject>();
  for (const [day, runs] of days)
    for (const fingerprint of Object.keys(runs) as Fingerprint[]) {
      const side = runs[fingerprint];
      if (!side) continue;
      const { run, v, sum, partials } = side;
      runObjects.set(runObjectKey(dataset, run), { fingerprint, day, v, partials, sum });
    }
  const encoder = new TextEncoder();
  return {
    views: new Proxy(views, {
      get(store, name) {
        const method = Reflect.get(Object.hasOwn(own, name) ? own : store, name);
        return typeof method === "function" ? method.bind(store) : method;
      },
    }),
    objects: {
      async get(key) {
        const object = runObjects.get(key);
        return object ? encoder.encode(JSON.stringify(object)) : objects.get(key);
      },
      list: (prefix, after) => objects.list(prefix, after),
    },
  };
}

function withRuns(row: DayRow, runs: SideRuns): DayRow {
  const entries: Record<Fingerprint, DayEntry> = { ...row.entries };
  for (const fp of Object.keys(runs) as Fingerprint[]) {
    const side = runs[fp];
    if (!side) continue;
    const { run, v, grain, lost } = side;
    entries[fp] = { run, v, ...(grain ? { grain } : {}), ...(lost ? { lost } : {}) };
  }
  return { ...row, entries };
}

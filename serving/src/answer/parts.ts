// The readings that one question is made of: its points, what ranks and totals a breakdown, and the windows it is
// compared with. All of one request are read at one seam.
import { DAY_MS, GRAIN_MS } from "@tandem/shared-logic";
import type { Cost } from "../query/problem.ts";
import type { Query } from "../query/query.ts";
import type { CellQuery } from "../read/cell-query.ts";
import { type Shown, shownGroups, totalOf } from "../read/shown-groups.ts";

export interface Part {
  readonly role: "points" | "rank" | "total" | "compare";
  readonly query: CellQuery;
  readonly shown: Shown;
}

/** Groups that a breakdown is taken to have before it is read. */
const SUPPOSED_GROUPS = 100;

export function partsOf(query: Query, tenant: string): Part[] {
  const shown = shownGroups(query);
  const { from, until } = query;
  const cut = query.limit !== undefined && !query.metric.reducer.inside;
  const parts: Part[] = [];
  const add = (role: Part["role"], q: Query, s: Shown): void => {
    const { union } = s;
    const cells = { ...q, tenant, groups: s.read, ...(union ? { union } : {}) };
    parts.push({ role, query: cells, shown: s });
  };
  // The others are merged once it is known which they are: their states are read.
  const merged: Shown = {
    ...shown,
    union: shown.union ?? { of: (g) => g, text: "", merges: false },
  };
  add("points", query, cut ? merged : shown);
  if (query.limit !== undefined || query.order?.endsWith("value"))
    add("rank", { ...query, grain: "total", windows: [{ from, until }] }, shown);
  const total = query.limit === undefined ? undefined : totalOf(query);
  if (total) add("total", total.query, total.shown);
  if (query.compare) {
    const { range, windows } = query.compare;
    add("compare", { ...query, ...range, windows }, cut ? merged : shown);
  }
  return parts;
}

export function costOf(parts: readonly Part[], limit: number): Cost {
  let cells = 0;
  for (const { query, shown } of parts) {
    const { reducer, limit: groups } = query.metric;
    const cellMs = GRAIN_MS[reducer.grains[0] ?? "hour"];
    const { beforeMs, afterMs } = reducer.reach;
    const many = query.set === 0 || reducer.inside ? 1 : Math.min(groups, SUPPOSED_GROUPS);
    const rangeMs = query.until - query.from + Math.min(beforeMs + afterMs, 60 * DAY_MS);
    cells += Math.ceil(rangeMs / cellMs) * (shown.read?.length ?? many);
  }
  return { cells, limit };
}

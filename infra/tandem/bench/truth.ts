// What a run over the workload must say, recounted plainly from what the generator drew: events and
// different users per (tenant, event type, minute). Cells are numbers: (minute · tenants + tenant) · types + type.
import { START_MS, TENANTS, TYPES, type Workload } from "./workload.ts";

const MINUTE_MS = 60_000;
/** The oldest late event is 72 h before the first arrival. */
const FIRST_MINUTE = START_MS / MINUTE_MS - 72 * 60;
const USERS_2 = 2 ** 20;

export const cellOf = (timeMs: number, tenant: number, type: number): number =>
  ((Math.floor(timeMs / MINUTE_MS) - FIRST_MINUTE) * TENANTS + tenant) * TYPES.length + type;

export interface Truth {
  readonly events: number;
  readonly counts: ReadonlyMap<number, number>;
  readonly users: ReadonlyMap<number, number>;
}

export function truthOf(w: Workload): Truth {
  const counts = new Map<number, number>();
  const pairs = new Float64Array(w.count);
  let events = 0;
  for (let i = 0; i < w.count; i++) {
    if (w.isCopy[i] === 1) continue;
    const cell = cellOf(w.timeMs[i]!, w.tenants[i]!, w.types[i]!);
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
    pairs[events++] = cell * USERS_2 + w.users[i]!;
  }
  const users = new Map<number, number>();
  const sorted = pairs.subarray(0, events).sort();
  for (let i = 0; i < events; i++) {
    if (i > 0 && sorted[i] === sorted[i - 1]) continue;
    const cell = Math.floor(sorted[i]! / USERS_2);
    users.set(cell, (users.get(cell) ?? 0) + 1);
  }
  return { events, counts, users };
}

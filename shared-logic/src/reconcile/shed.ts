// What collectors did not take, by the UTC day it was sent to them and tenant: events that were answered `retry`, and
// requests refused whole with 429 or 503, of which nobody knows how many events they held. In no layer, so no
// difference comes of it; senders send again. At least what was refused, but for what a killed collector had not written.
import { RECONCILED_DAYS } from "../ports/ledger-rows.ts";
import type { ViewStore } from "../ports/view-store.ts";
import type { UtcDay } from "../time/epoch-ms.ts";
import type { DayRange } from "./read-comparisons.ts";

export interface ShedCounts {
  readonly events: number;
  readonly requests: number;
}

/** `shed/<dataset>/<day modulo the days kept>`. */
export interface ShedRow {
  readonly day: UtcDay;
  /** By tenant; `UNKNOWN_TENANT` for those refused before their key was known. */
  readonly tenants: Readonly<Record<string, ShedCounts>>;
}

export const UNKNOWN_TENANT = "";
export const NOTHING_SHED: ShedCounts = { events: 0, requests: 0 };
const shedPrefix = (dataset: string): string => `shed/${dataset}/`;
const shedKey = (dataset: string, day: UtcDay): string =>
  `${shedPrefix(dataset)}${day % RECONCILED_DAYS}`;
const UNTIL_WRITTEN = 16;

export const plusShed = (a: ShedCounts, b: ShedCounts): ShedCounts => ({
  events: a.events + b.events,
  requests: a.requests + b.requests,
});

/** Adds to a day's row; false where others kept writing it. A day older than the row's is given up. */
export async function addShed(
  views: Pick<ViewStore, "ledger" | "cas">,
  dataset: string,
  day: UtcDay,
  more: ReadonlyMap<string, ShedCounts>,
): Promise<boolean> {
  const key = shedKey(dataset, day);
  for (let attempt = 0; attempt < UNTIL_WRITTEN; attempt++) {
    const seen = await views.ledger(key);
    const old = seen && (JSON.parse(seen.value) as ShedRow);
    if (old && old.day > day) return true;
    const tenants: Record<string, ShedCounts> = old?.day === day ? { ...old.tenants } : {};
    for (const [tenant, counts] of more)
      tenants[tenant] = plusShed(tenants[tenant] ?? NOTHING_SHED, counts);
    const row: ShedRow = { day, tenants };
    if (await views.cas(key, seen?.version ?? 0, JSON.stringify(row))) return true;
  }
  return false;
}

/** Of one tenant, by day. */
export async function readShed(
  views: Pick<ViewStore, "ledgerRows">,
  dataset: string,
  tenant: string,
  { from, until }: DayRange,
): Promise<Map<UtcDay, ShedCounts>> {
  const prefix = shedPrefix(dataset);
  const rows = (await views.ledgerRows(prefix))
    .filter(({ key }) => /^-?\d+$/.test(key.slice(prefix.length)))
    .map(({ value }) => JSON.parse(value) as ShedRow);
  const days = new Map<UtcDay, ShedCounts>();
  for (const { day, tenants } of rows.sort((a, b) => a.day - b.day)) {
    const counts = Object.hasOwn(tenants, tenant) ? tenants[tenant] : undefined;
    if (counts && day >= (from ?? day) && day < (until ?? day + 1)) days.set(day, counts);
  }
  return days;
}

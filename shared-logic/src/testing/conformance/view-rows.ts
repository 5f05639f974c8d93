// Rows and flushes for the view store's suite: every field has a default, so that a case names only
// what it is about.
import type { Fingerprint } from "../../metrics/fingerprint.ts";
import type { Flush, RunRow, SpeedQuery, SpeedRow } from "../../ports/view-store.ts";
import { SURE } from "../../ports/view-store.ts";
import { dayStart, MINUTE_MS, plusMs, utcDay } from "../../time/epoch-ms.ts";

export const DATASET = "app";
export const FP = "revenue@1-00112233445566778899aabbccddeeff" as Fingerprint;
export const OTHER_FP = "visits@1-ffeeddccbbaa99887766554433221100" as Fingerprint;
export const DAY = utcDay(18_170);
export const MIDNIGHT = dayStart(DAY);
export const minute = (n: number) => plusMs(MIDNIGHT, n * MINUTE_MS);

export const speedRow = (row: Partial<SpeedRow> = {}): SpeedRow => ({
  fp: FP,
  tenant: "acme",
  set: 0,
  group: "[]",
  startMs: MIDNIGHT,
  segment: 0,
  to: 10,
  doubt: SURE,
  events: 3,
  skipped: 1,
  state: Uint8Array.of(1, 2, 3),
  ...row,
});

export const flushOf = (flush: Partial<Flush> = {}): Flush => ({
  dataset: DATASET,
  partition: 0,
  to: 10,
  asOf: minute(5),
  starts: [],
  rows: [],
  ...flush,
});

/** The whole of DAY for one tenant's total. */
export const speedQuery = (query: Partial<SpeedQuery> = {}): SpeedQuery => ({
  dataset: DATASET,
  fp: FP,
  tenant: "acme",
  set: 0,
  from: MIDNIGHT,
  until: minute(1440),
  ...query,
});

export const runRow = (row: Partial<RunRow> = {}): RunRow => ({
  tenant: "acme",
  set: 0,
  group: "[]",
  grain: "minute",
  startMs: MIDNIGHT,
  events: 3,
  skipped: 0,
  value: "12.5",
  state: Uint8Array.of(9, 8, 7),
  ...row,
});

/** Far from every edge case of 32 bits, and below 2^53. */
export const BIG_OFFSET = 9_007_199_254_740_000;

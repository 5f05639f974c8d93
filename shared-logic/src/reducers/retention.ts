// Cohorts and their return. A user is new on a day she is active on after `lookbackDays` days without her
// (all history would have no bound: whoever stayed away for that long is new again). Her cohort is that day,
// or its ISO week; she returns in period n where she is active on the n-th day or week after it.
import { DAY_MS } from "../time/epoch-ms.ts";
import { type ActiveDay, type ActiveDays, checkDays, ofActiveDays } from "./active-days.ts";
import type { PerUserShape } from "./per-user-shape.ts";

export interface NewUsersOptions {
  /** Days without her before the day that she is new on. Default 30. */
  readonly lookbackDays?: number;
}

/** How many users are new. */
export function newUsers({ lookbackDays = 30 }: NewUsersOptions = {}): PerUserShape<ActiveDays> {
  checkDays("newUsers", lookbackDays);
  return {
    ...ofActiveDays,
    spec: { kind: "newUsers", lookbackDays },
    reach: { beforeMs: lookbackDays * DAY_MS, afterMs: 0 },
    answer: { kind: "total" },
    occurrences(active, { from, until }, visit) {
      for (const { day, dims } of firstDays(active, lookbackDays))
        if (day * DAY_MS >= from && day * DAY_MS < until) visit(dims, 0, day * DAY_MS);
    },
    most: ({ from, until }) => ({
      count: Math.floor((until - from) / DAY_MS / (lookbackDays + 1)) + 1,
      amount: 0,
    }),
  };
}

function* firstDays(active: ActiveDays, lookbackDays: number): Generator<ActiveDay> {
  for (const [i, one] of active.entries()) {
    const before = active[i - 1];
    if (before === undefined || one.day - before.day > lookbackDays) yield one;
  }
}

export interface RetentionOptions extends NewUsersOptions {
  /** Periods after the cohort's own, ascending: [1, 7, 30] of days, [1, 2, 3, 4] of weeks. */
  readonly on: readonly number[];
  /** Default day. */
  readonly period?: "day" | "week";
  /** `users`: how many of the cohort returned; `rate`: their share. Default `rate`. */
  readonly value?: "users" | "rate";
  /** Digits of `rate` after the point. Default 6. */
  readonly digits?: number;
}

/** The dimension that lists the periods: "0" is the cohort itself. */
export const RETURN = "return";

/** Weeks from Monday to Sunday; day 0 is a Thursday. */
const weekOf = (day: number): number => Math.floor((day + 3) / 7);

/** Its number is that of the first period of `on`. */
export function retention(options: RetentionOptions): PerUserShape<ActiveDays> {
  const { on, period = "day", value = "rate", lookbackDays = 30, digits = 6 } = options;
  checkDays("retention", lookbackDays);
  const periodDays = period === "day" ? 1 : 7;
  const sorted = on.every((n, i) => Number.isInteger(n) && n > (on[i - 1] ?? 0));
  const [first, furthest] = [on[0], on.at(-1)];
  if (!sorted || first === undefined || furthest === undefined)
    throw new RangeError("retention: periods from 1 on, ascending");
  checkDays("retention", furthest * periodDays);
  const rate = value === "rate";
  const periodOf = period === "day" ? (day: number) => day : weekOf;
  return {
    ...ofActiveDays,
    spec: { kind: "retention", value, on, period, lookbackDays, ...(rate ? { digits } : {}) },
    reach: {
      beforeMs: lookbackDays * DAY_MS,
      // The last day of a week's cohort still has the whole of its last week to return in.
      afterMs: (furthest * periodDays + periodDays - 1) * DAY_MS,
    },
    answer: rate ? { kind: "mean", amountScale: 0, digits } : { kind: "total" },
    everyWindow: true,
    // Every return belongs to the day that its user was new on.
    atLeastDays: () => "sum",
    listed: {
      path: RETURN,
      keys: ["0", ...on.map((n) => `${n}`)],
      labels: [0, ...on].map((n) => `${period === "day" ? "Day" : "Week"} ${n}`),
      headline: `${first}`,
    },
    occurrences(active, { from, until }, visit) {
      for (const { day, dims } of firstDays(active, lookbackDays)) {
        const startMs = day * DAY_MS;
        if (startMs < from || startMs >= until) continue;
        const cohort = periodOf(day);
        const periods = new Set(active.map((other) => periodOf(other.day) - cohort));
        visit(dims, 1, startMs, "0");
        for (const n of on) {
          if (rate) visit(dims, periods.has(n) ? 1 : 0, startMs, `${n}`);
          else if (periods.has(n)) visit(dims, 0, startMs, `${n}`);
        }
      }
    },
    most: ({ from, until }) => ({
      count: Math.floor((until - from) / DAY_MS / (lookbackDays + 1)) + 1,
      amount: 1,
    }),
  };
}

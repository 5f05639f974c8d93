// A rolling window: users active in the `days` days that end with a window's end, so that every day has its
// own week or month of users. A user has the dimensions of the last of these days she was active on.
import { DAY_MS } from "../time/epoch-ms.ts";
import { type ActiveDays, checkDays, ofActiveDays } from "./active-days.ts";
import type { PerUserShape } from "./per-user-shape.ts";

export interface ActiveWithinOptions {
  /** Days of the rolling window, the one that a window ends with among them: 7, 28, 30. */
  readonly days: number;
  /**
   * `users`: how many. `today`: the share of them who were active on the last day too: stickiness, the mean
   * of DAU/MAU for one day.
   */
  readonly value?: "users" | "today";
  /** Digits of `today` after the point. Default 6. */
  readonly digits?: number;
}

export function activeWithin(options: ActiveWithinOptions): PerUserShape<ActiveDays> {
  const { value = "users", digits = 6 } = options;
  const days = checkDays("activeWithin", options.days);
  const users = value === "users";
  return {
    ...ofActiveDays,
    spec: { kind: "activeWithin", value, days, ...(users ? {} : { digits }) },
    reach: { beforeMs: (days - 1) * DAY_MS, afterMs: 0 },
    answer: users ? { kind: "total" } : { kind: "mean", amountScale: 0, digits },
    everyWindow: true,
    occurrences(active, { until }, visit) {
      const today = Math.floor((until - 1) / DAY_MS);
      for (let i = active.length - 1; i >= 0; i--) {
        const last = active[i];
        if (last === undefined || last.day <= today - days) return;
        if (last.day > today) continue;
        visit(last.dims, last.day === today ? 1 : 0, until - 1);
        return;
      }
    },
    most: () => ({ count: 1, amount: 1 }),
  };
}

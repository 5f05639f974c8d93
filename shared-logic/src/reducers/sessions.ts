// Sessions: a user's events with no gap of more than gapMs between them. A session counts where it
// starts, with the dimensions of its first event; one longer than maxLengthMs is cut to that length.
import { HOUR_MS, MINUTE_MS } from "../time/epoch-ms.ts";
import {
  type Activity,
  extendActivity,
  readActivity,
  skipActivity,
  unionActivity,
  writeActivity,
} from "./activity-intervals.ts";
import { ActivityRuns } from "./activity-runs.ts";
import { shareOf } from "./amount-at-rank.ts";
import type { PerUserShape } from "./per-user-shape.ts";

export interface SessionsOptions {
  /** A gap of exactly this much does not end a session. Default 30 min. */
  readonly gapMs?: number;
  /**
   * `started`: how many start in the window. `length`: their mean length in seconds. `bounces`: the share of
   * them that are over in the moment they begin.
   */
  readonly value?: "started" | "length" | "bounces";
  /** With `length`: instead of the mean, the length that this share of the sessions does not exceed (0.5: the median). */
  readonly q?: number;
  /** Digits of the mean `length` and `bounces` after the point. Default 3 and 6. */
  readonly digits?: number;
  /** Default 24 h. */
  readonly maxLengthMs?: number;
}

export function sessions(options: SessionsOptions = {}): PerUserShape<Activity> {
  const {
    gapMs = 30 * MINUTE_MS,
    value = "started",
    digits = value === "bounces" ? 6 : 3,
    maxLengthMs = 24 * HOUR_MS,
    q,
  } = options;
  for (const ms of [gapMs, maxLengthMs]) {
    if (!Number.isSafeInteger(ms) || ms < 0)
      throw new RangeError(`sessions: not a length of time: ${ms}`);
  }
  if (q !== undefined && value !== "length") throw new RangeError("sessions: q is of their length");
  const rank = q === undefined ? undefined : shareOf("sessions", q);
  const started = value === "started";
  const bounces = value === "bounces";
  const amountOf = (lengthMs: number): number =>
    bounces ? Number(lengthMs === 0) : Math.min(lengthMs, maxLengthMs);
  return {
    spec: started
      ? { kind: "sessions", value, gapMs }
      : bounces
        ? { kind: "sessions", value, gapMs, digits }
        : q === undefined
          ? { kind: "sessions", value, gapMs, digits, maxLengthMs }
          : { kind: "sessions", value, gapMs, q, maxLengthMs },
    stateKey: `sessions gapMs=${gapMs}`,
    // Whether a session goes on past its cut shows within a gap after it: without that gap, a window's
    // answer would depend on how much more than its reach the state happens to hold.
    reach: { beforeMs: gapMs, afterMs: started ? 0 : bounces ? gapMs : maxLengthMs + gapMs },
    answer: started
      ? { kind: "total" }
      : rank
        ? { kind: "quantile", amountScale: 3, q: rank }
        : { kind: "mean", amountScale: bounces ? 0 : 3, digits },
    one: ({ timeMs, eventId, dims }) => [{ startMs: timeMs, endMs: timeMs, eventId, dims }],
    plus: (a, b) => unionActivity(a, b, gapMs),
    extend: (activity, timeMs) => extendActivity(activity, timeMs, gapMs),
    occurrences(activity, { from, until }, visit) {
      for (const { startMs, endMs, dims } of activity) {
        if (startMs >= until) return;
        if (startMs >= from) visit(dims, amountOf(endMs - startMs), startMs);
      }
    },
    most: ({ from, until }) => ({
      count: Math.floor(Math.max(0, until - from - 1) / (gapMs + 1)) + 1,
      amount: bounces ? 1 : maxLengthMs,
    }),
    texts(activity, visit) {
      for (const { dims } of activity) for (const dim of dims) if (dim !== null) visit(dim);
    },
    write: (out, activity, code) => writeActivity(out, activity, gapMs, code),
    read: (from, texts, dims) => readActivity(from, gapMs, texts, dims),
    skip: skipActivity,
    inOrder(dims) {
      const runs = new ActivityRuns(gapMs, dims);
      return {
        take: (user, from, texts) => runs.take(user, from, texts),
        occurrences({ from, until }, visit) {
          for (let i = 0; i < runs.count; i++) {
            const startMs = runs.startsMs[i]!;
            if (startMs < from || startMs >= until) continue;
            visit(runs.dims[i]!, amountOf(runs.endsMs[i]! - startMs), startMs);
          }
        },
      };
    },
  };
}

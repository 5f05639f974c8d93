// A funnel: users who did the steps in order, within windowMs of the first. A user counts once in every window
// that a chain of hers starts in, with the dimensions of that chain's first event; the chain that went
// furthest counts. Steps never increase: who reached one has reached those before.

import type { Json } from "../algebra/reducer.ts";
import { conditionWords } from "../metrics/condition-words.ts";
import type { Condition } from "../metrics/selector.ts";
import { pathsOfCondition } from "../metrics/selector.ts";
import { HOUR_MS } from "../time/epoch-ms.ts";
import { type FunnelRules, funnelLevel } from "./funnel-level.ts";
import { MINUTE_KEEPS, readMarked, unionMarked, writeMarked } from "./marked-events.ts";
import type { MarkedEvents } from "./marked-set.ts";
import type { PerUserShape } from "./per-user-shape.ts";

export interface FunnelOptions {
  /** Two to sixteen, in order. */
  readonly steps: readonly Condition[];
  /** From first to last step at most. Default 24 h. */
  readonly windowMs?: number;
  /** Nothing else between the steps. Default false. */
  readonly strict?: boolean;
  /** Steps in one moment are no steps one after the other. Default false. */
  readonly increasing?: boolean;
  /**
   * `users`: how many reached the last step, and by `step` how many reached each. `rate`: the share of those
   * who started that reached it. `time`: mean seconds from the first to the last step.
   */
  readonly value?: "users" | "rate" | "time";
  /** Digits of `rate` and `time` after the point. Default 6 and 3. */
  readonly digits?: number;
}

/** The dimension that lists the steps: "1", "2", … */
export const STEP = "step";

export function funnel(options: FunnelOptions): PerUserShape<MarkedEvents> {
  const { steps, windowMs = 24 * HOUR_MS, value = "users" } = options;
  const { strict = false, increasing = false, digits = value === "time" ? 3 : 6 } = options;
  if (steps.length < 2 || steps.length > 16) throw new RangeError("funnel: two to sixteen steps");
  if (!Number.isSafeInteger(windowMs) || windowMs < 1)
    throw new RangeError(`funnel: not a length of time: ${windowMs}`);
  for (const step of steps)
    if (pathsOfCondition(step).length === 0) throw new RangeError("funnel: a step reads nothing");
  const rules: FunnelRules = { steps: steps.length, windowMs, strict, increasing };
  const keys = steps.map((_, i) => `${i + 1}`);
  const last = `${steps.length}`;
  const conditions = steps as unknown as readonly Json[];
  return {
    spec: {
      kind: "funnel",
      value,
      steps: conditions,
      windowMs,
      strict,
      increasing,
      minuteKeeps: MINUTE_KEEPS,
      ...(value === "users" ? {} : { digits }),
    },
    stateKey: `funnel steps=${JSON.stringify(steps)} strict=${strict}`,
    reach: { beforeMs: 0, afterMs: windowMs },
    answer:
      value === "users"
        ? { kind: "total" }
        : { kind: "mean", amountScale: value === "time" ? 3 : 0, digits },
    conditions: steps,
    keepsUnmarked: strict,
    everyWindow: true,
    // In strict order, what disturbs a chain ends the search in the whole window: a user may come less far in a range
    // than in a day of it. But she has begun.
    atLeastDays: (key) => (!strict || key === keys[0] ? "largest" : undefined),
    ...(value === "time"
      ? {}
      : { listed: { path: STEP, keys, labels: steps.map(conditionWords), headline: last } }),
    one: ({ timeMs, marks, dims }) => [{ timeMs, marks, dims }],
    plus: unionMarked,
    extend: () => false,
    occurrences(events, window, visit) {
      const { level, start, lengthMs } = funnelLevel(events, window, rules);
      if (start === undefined) return;
      if (value === "time") {
        if (level === steps.length) visit(start.dims, lengthMs, start.timeMs);
        return;
      }
      for (const [i, key] of keys.entries()) {
        if (value === "rate") visit(start.dims, level > i ? 1 : 0, start.timeMs, key);
        else if (level > i) visit(start.dims, 0, start.timeMs, key);
      }
    },
    most: () => ({ count: 1, amount: value === "time" ? windowMs : 1 }),
    texts(events, visit) {
      for (const { dims } of events) for (const dim of dims) if (dim !== null) visit(dim);
    },
    write: writeMarked,
    read: (from, texts, dims) => readMarked(from, texts, dims, 2 ** steps.length),
  };
}

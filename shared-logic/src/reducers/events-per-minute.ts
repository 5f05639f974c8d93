// How many events come each minute, and whether that is out of the ordinary: a minute is held against those before it
// (anomaly-score.ts), at answer time, from the counts of minutes that the state is. No clock takes part: a minute
// is judged once half of its history has been seen since the first event in it, and once something came in it or
// within a history's length after it, so that a minute that is not over yet because nothing came is not a fall to zero.
import type { Algebra, PresentContext } from "../algebra/algebra.ts";
import { type Decimal, decimalOf, quotient } from "../algebra/decimal.ts";
import { exactly } from "../algebra/estimate.ts";
import { NO_REACH, type Reducer } from "../algebra/reducer.ts";
import type { EventColumns } from "../events/event-columns.ts";
import { MINUTE_MS } from "../time/epoch-ms.ts";
import type { GrainOption } from "./additive.ts";
import { anomalyScore } from "./anomaly-score.ts";
import {
  type CountedNumbers,
  decodeCounted,
  encodeCounted,
  NO_NUMBERS,
  plusCounted,
} from "./counted-numbers.ts";
import { minutesKernel } from "./kernels/minutes-kernel.ts";

export interface EventsPerMinuteOptions extends GrainOption {
  /**
   * `rate`: events per minute of the window. `score`: of its minutes the one furthest from the ordinary, in standard
   * deviations, below zero where there were few. `anomalies`: how many of its minutes are out of the ordinary; of a
   * minute 1 or 0, which is its flag. Both are null where too little history is known.
   */
  readonly value?: "rate" | "score" | "anomalies";
  /** Minutes that one is held against, 10 to 1,440. Default 60. */
  readonly historyMinutes?: number;
  /** Out of the ordinary from here on. Default 3.5. */
  readonly threshold?: number;
  /** Digits of `rate` and `score` after the point. Default 3. */
  readonly digits?: number;
}

/** A row's minute since the epoch. */
export type MinuteReducer = Reducer<bigint, CountedNumbers, CountedNumbers>;

interface Judged {
  /** Furthest from zero; undefined where no minute can be judged. */
  readonly furthest: number | undefined;
  readonly anomalies: number;
}

const minuteOf = (timeMs: number): number => Math.floor(timeMs / MINUTE_MS);

/** Counts of the minutes [from, until). */
function countsOf({ keys, counts }: CountedNumbers, from: number, until: number): Float64Array {
  const out = new Float64Array(until - from);
  for (const [i, key] of keys.entries()) {
    const at = Number(key) - from;
    if (at >= 0 && at < out.length) out[at] = counts[i] ?? 0;
  }
  return out;
}

function judged(
  state: CountedNumbers,
  { window }: PresentContext,
  history: number,
  threshold: number,
): Judged {
  const [from, until] = [minuteOf(window.from), minuteOf(window.until - 1) + 1];
  const counts = countsOf(state, from - history, until + history);
  let furthest: number | undefined;
  let anomalies = 0;
  /** The first minute of the history that has events, and the next from here on that has. */
  let [first, next] = [0, 0];
  for (let at = history; at < history + until - from; at++) {
    first = Math.max(first, at - history);
    while (first < at && counts[first] === 0) first++;
    next = Math.max(next, at);
    while (next < counts.length && counts[next] === 0) next++;
    if (at - first < history / 2 || next - at >= history) continue;
    const score = anomalyScore(counts[at] ?? 0, counts.subarray(first, at));
    if (Math.abs(score) >= threshold) anomalies++;
    if (furthest === undefined || Math.abs(score) > Math.abs(furthest)) furthest = score;
  }
  return { furthest, anomalies };
}

export function eventsPerMinute(options: EventsPerMinuteOptions = {}): MinuteReducer {
  const { value = "rate", historyMinutes = 60, threshold = 3.5, digits = 3 } = options;
  const { grains = ["minute"] } = options;
  if (!Number.isInteger(historyMinutes) || historyMinutes < 10 || historyMinutes > 1440)
    throw new RangeError(`eventsPerMinute: a history of 10 to 1440 minutes, not ${historyMinutes}`);
  if (!(threshold > 0 && Number.isFinite(threshold)))
    throw new RangeError(`eventsPerMinute: not a threshold: ${threshold}`);
  if (!Number.isInteger(digits) || digits < 0 || digits > 9)
    throw new RangeError(`eventsPerMinute: 0 to 9 digits, not ${digits}`);
  const rate = value === "rate";
  function shown(state: CountedNumbers, context: PresentContext): Decimal | null {
    if (rate) {
      const { from, until } = context.window;
      const [first, last] = [minuteOf(from), minuteOf(until - 1)];
      const events = countsOf(state, first, last + 1).reduce((sum, n) => sum + n, 0);
      return quotient(decimalOf(BigInt(events) * BigInt(MINUTE_MS)), BigInt(until - from), digits);
    }
    const { furthest, anomalies } = judged(state, context, historyMinutes, threshold);
    if (furthest === undefined) return null;
    if (value === "anomalies") return decimalOf(anomalies);
    return decimalOf(Math.round(furthest * 10 ** digits), digits);
  }
  const algebra: Algebra<bigint, CountedNumbers> = {
    zero: NO_NUMBERS,
    append: (s, minute) => plusCounted(s, { keys: [minute], counts: [1] }),
    plus: plusCounted,
    present: (state, context) => exactly(shown(state, context)),
    encode: (s) => encodeCounted(s, 0),
    decode: (bytes) => decodeCounted(bytes, 0),
  };
  const kernel = () => minutesKernel(algebra);
  const reachMs = historyMinutes * MINUTE_MS;
  return {
    spec: rate
      ? { kind: "eventsPerMinute", value, digits }
      : {
          kind: "eventsPerMinute",
          value,
          historyMinutes,
          ...(value === "score" ? { digits } : { threshold }),
        },
    selects: [],
    grains,
    additive: true,
    monotone: rate,
    atMostEvents: false,
    reach: rate ? NO_REACH : { beforeMs: reachMs, afterMs: reachMs },
    exact: algebra,
    approx: algebra,
    toApprox: (state) => state,
    items:
      ({ timeMs }: EventColumns) =>
      (row) =>
        BigInt(minuteOf(timeMs[row] ?? 0)),
    kernels: { exact: kernel, approx: kernel },
  };
}

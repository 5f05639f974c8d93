// Time between events: of each user's moments of one kind, how long until the next moment of the same or another
// kind. A gap counts where it starts, with the dimensions of the event it starts with; one of more than withinMs
// counts nowhere. Events of one millisecond are one moment, so a gap is never 0.
import type { Condition } from "../metrics/selector.ts";
import { pathsOfCondition } from "../metrics/selector.ts";
import { HOUR_MS, MINUTE_MS } from "../time/epoch-ms.ts";
import { shareOf } from "./amount-at-rank.ts";
import {
  lowerDims,
  MOMENTS_KEPT,
  type Moment,
  type Moments,
  readMoments,
  skipMoments,
  unionMoments,
  writeMoments,
} from "./moments.ts";
import type { PerUserShape } from "./per-user-shape.ts";

export interface TimeBetweenOptions {
  /** What a gap starts with. Default any event. */
  readonly from?: Condition;
  /** What it ends with: the next such event of the user. Default as `from`. */
  readonly to?: Condition;
  /** Longer gaps do not count. Default 24 h. */
  readonly withinMs?: number;
  /** Seconds. `mean`: on average; `quantile`: what a share `q` of the gaps does not exceed. */
  readonly value?: "mean" | "quantile";
  /** Of `quantile`. Default 0.5, the median. */
  readonly q?: number;
  /** Digits of `mean` after the point. Default 3. */
  readonly digits?: number;
}

const FROM = 1;
const TO = 2;

export function timeBetween(options: TimeBetweenOptions = {}): PerUserShape<Moments> {
  const { from, to, withinMs = 24 * HOUR_MS, value = "mean", q = 0.5, digits = 3 } = options;
  if (!Number.isSafeInteger(withinMs) || withinMs < 1)
    throw new RangeError(`timeBetween: not a length of time: ${withinMs}`);
  const conditions = [from, to].filter((c) => c !== undefined);
  if (to !== undefined && from === undefined)
    throw new RangeError("timeBetween: `to` without a `from`");
  if (conditions.some((c) => pathsOfCondition(c).length === 0))
    throw new RangeError("timeBetween: a condition reads nothing");
  const mean = value === "mean";
  const parameters = { from: from ?? null, to: to ?? null } as never as { from: null; to: null };
  const starts = (marks: number): boolean => from === undefined || (marks & FROM) !== 0;
  const ends = (marks: number): boolean => (to === undefined ? starts(marks) : (marks & TO) !== 0);
  return {
    spec: {
      kind: "timeBetween",
      value,
      ...parameters,
      withinMs,
      minuteKeeps: MOMENTS_KEPT,
      ...(mean ? { digits } : { q }),
    },
    stateKey: `moments ${JSON.stringify(conditions)}`,
    reach: { beforeMs: 0, afterMs: withinMs },
    answer: mean
      ? { kind: "mean", amountScale: 3, digits }
      : { kind: "quantile", amountScale: 3, q: shareOf("timeBetween", q) },
    conditions,
    one: ({ timeMs, marks, dims }) => [{ timeMs, marks, dims }],
    plus: unionMoments,
    extend: () => false,
    occurrences(moments, window, visit) {
      /** Those that start a gap that has not ended yet. */
      let open: Moment[] = [];
      for (let i = 0; i < moments.length; ) {
        const timeMs = moments[i]?.timeMs ?? 0;
        if (timeMs < window.from) {
          i++;
          continue;
        }
        let [start, ended]: [Moment | undefined, boolean] = [undefined, false];
        for (let m = moments[i]; m?.timeMs === timeMs; m = moments[++i]) {
          if (starts(m.marks)) start = start === undefined ? m : lowerDims(start, m);
          if (ends(m.marks)) ended = true;
        }
        if (ended) {
          for (const before of open) {
            const gapMs = timeMs - before.timeMs;
            if (gapMs <= withinMs) visit(before.dims, gapMs, before.timeMs);
          }
          open = [];
        }
        if (timeMs < window.until) {
          if (start !== undefined) open.push(start);
        } else if (open.length === 0) return;
      }
    },
    most: ({ from: start, until }) => ({
      count:
        2 *
        MOMENTS_KEPT *
        (from === undefined || to === undefined ? 1 : 2) *
        minutesIn(start, until),
      amount: withinMs,
    }),
    texts(moments, visit) {
      for (const { dims } of moments) for (const dim of dims) if (dim !== null) visit(dim);
    },
    write: writeMoments,
    read: (reader, texts, dims) => readMoments(reader, texts, dims, 2 ** conditions.length),
    skip: skipMoments,
  };
}

const minutesIn = (fromMs: number, untilMs: number): number =>
  Math.ceil(untilMs / MINUTE_MS) - Math.floor(fromMs / MINUTE_MS);

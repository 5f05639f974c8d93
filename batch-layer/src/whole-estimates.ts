// What a state that holds its dimensions inside shows, window by window and set by set: in one pass for all
// windows of a grain where the algebra can, else one by one.
import {
  type Algebra,
  type EpochMs,
  type Estimate,
  getOrMake,
  type Metric,
  type StoredGrain,
  TOTAL_GROUP,
  type Window,
  windowEnd,
} from "@tandem/shared-logic";

interface Whole {
  readonly state: unknown;
  readonly events: number;
}

export const windowAt = (from: EpochMs, grain: StoredGrain | "week" | "month"): Window => ({
  from,
  until: windowEnd(from, grain),
});

export type Estimates = ReadonlyMap<string, Estimate>;

/** By grain, start of the window and set: what a state that holds its dimensions inside shows of a day. */
export function estimatesOf(
  metric: Metric,
  whole: Whole,
  own: Window,
): (grain: StoredGrain, from: EpochMs, set: number) => Estimates {
  const exact = metric.reducer.exact as Algebra<unknown, unknown>;
  if (!exact.presentEach)
    return (grain, from, set) => estimatesIn(metric, whole, windowAt(from, grain), set);
  const made = new Map<string, ReadonlyMap<EpochMs, Estimates>>();
  return (grain, from, set) => {
    const of = getOrMake(made, `${grain} ${set}`, () => {
      const windows: Window[] = [];
      for (let at = own.from; at < own.until; at = windowEnd(at, grain))
        windows.push(windowAt(at, grain));
      const dims = metric.sets[set] ?? [];
      const each = exact.presentEach?.(whole.state, windows, whole.events, dims) ?? [];
      return new Map(windows.map((w, i) => [w.from, each[i] ?? new Map()]));
    });
    return of.get(from) ?? new Map();
  };
}

export function estimatesIn(metric: Metric, whole: Whole, window: Window, set: number): Estimates {
  const exact = metric.reducer.exact as Algebra<unknown, unknown>;
  const context = { window, events: whole.events };
  return set === 0 || !exact.presentBy
    ? new Map([[TOTAL_GROUP, exact.present(whole.state, context)]])
    : exact.presentBy(whole.state, context, metric.sets[set] ?? []);
}

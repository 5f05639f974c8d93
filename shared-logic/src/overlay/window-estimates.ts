// The estimates of one window by group: stored exact values where nothing lies above V, else merged
// states presented once. A group that the window has nothing of has an estimate too.
import { compareDecimal, type Decimal } from "../algebra/decimal.ts";
import { type Estimate, exactly } from "../algebra/estimate.ts";
import { OTHER_GROUP, TOTAL_GROUP } from "../metrics/group.ts";
import type { Window } from "../time/calendar.ts";
import { type DaysOfRange, dayFloors, type Floors, seenInDays } from "./day-floor.ts";
import {
  estimateGroup,
  estimateParts,
  larger,
  lowered,
  raised,
  smaller,
  tighten,
  zeroEstimate,
} from "./estimate-parts.ts";
import { dayValues, type Known, leastOf, type ValueIndex } from "./known-values.ts";
import { hiddenParts, type Merged } from "./merge-window.ts";
import { addParts, newParts, type Parts } from "./parts.ts";
import type { PointQuery } from "./point-query.ts";
import type { ReadView } from "./view.ts";

export interface GroupEstimate {
  readonly estimate: Estimate;
  readonly exact: boolean;
  /** A speed row from V on is in it. */
  readonly touched: boolean;
  readonly run: string | undefined;
}

export interface WindowEstimates {
  readonly seen: readonly string[];
  /** Groups beyond the limit are not among the stored values. */
  readonly capped: boolean;
  at(group: string): GroupEstimate;
}

interface Setting {
  readonly view: ReadView;
  readonly window: Window;
  readonly merged: Merged;
  readonly known: Known | undefined;
  /** Nothing lags, nothing was read above its position. */
  readonly whole: boolean;
  /** The run, where it is one. */
  readonly run: string | undefined;
}

export function windowEstimates(
  view: ReadView,
  window: Window,
  merged: Merged,
  known: Known | undefined,
  index: ValueIndex,
  { dims, union }: Pick<PointQuery, "dims" | "union">,
  range: DaysOfRange,
): WindowEstimates {
  const whole = !merged.lag && merged.torn.size === 0;
  const run = merged.days.length === 1 ? merged.days[0]?.run : undefined;
  const setting: Setting = { view, window, merged, known, whole, run };
  return view.metric.reducer.inside
    ? insideEstimates(setting, dims, dayFloors(view, index, window, merged, dims ?? [], range))
    : cellEstimates(setting, index, union);
}

function cellEstimates(
  s: Setting,
  index: ValueIndex,
  union?: (group: string) => string | undefined,
): WindowEstimates {
  // Where `(other)` goes to a union, that union has all of it.
  const hides = union?.(OTHER_GROUP) ?? OTHER_GROUP;
  const { reducer } = s.view.metric;
  const at = (group: string): GroupEstimate => {
    const parts = s.merged.groups.get(group) ?? newParts(reducer);
    const hidden = hides === OTHER_GROUP ? hiddenParts(s.view, s.merged, group) : undefined;
    const touched = parts.touched;
    if (s.known && s.whole && !touched && !hidden?.touched) {
      const value = s.known.values.get(group);
      if (value !== undefined)
        return { estimate: exactly(value), exact: true, touched, run: s.known.run };
    }
    const estimate = presented(s, parts);
    const doubtful = parts.suspectedEvents + parts.uncheckedEvents > 0;
    const sure = s.whole && !doubtful && (reducer.additive || parts.events === 0);
    const shown = hidden ? widened(s, estimate, parts, hidden) : estimate;
    const exact = sure && !hidden;
    if (exact || reducer.additive || !(reducer.atMostEvents && reducer.monotone))
      return { estimate: shown, exact, touched, run: s.run };
    const { parts: days, complete } = dayValues(index, s.window, s.merged, group, union);
    const all = complete && !doubtful && !hidden;
    return { estimate: tighten(shown, days, all), exact: false, touched, run: s.run };
  };
  // States of all groups are there wherever some are to be united.
  const named = union ? [] : (s.known?.values.keys() ?? []);
  const seen = new Set([...s.merged.groups.keys(), ...named]);
  return { seen: [...seen], capped: false, at };
}

const presented = (s: Setting, parts: Parts): Estimate =>
  estimateGroup(s.view.metric.reducer, parts, s.window);

/** Bounds that hold whether the group has all or nothing of `hidden`. */
function widened(s: Setting, e: Estimate, parts: Parts, hidden: Parts): Estimate {
  const { reducer } = s.view.metric;
  const all = newParts(reducer);
  addParts(reducer, all, parts);
  addParts(reducer, all, hidden);
  const most = presented(s, all);
  return {
    value: e.value ?? most.value,
    low: reducer.monotone ? (e.low ?? most.low) : smaller(e.low, most.low),
    high: larger(e.high, most.high),
    confidence: Math.min(e.confidence, most.confidence),
  };
}

function insideEstimates(
  s: Setting,
  dims: readonly string[] | undefined,
  floorsOf: (estimated: boolean) => Floors,
): WindowEstimates {
  const { reducer, limit } = s.view.metric;
  const parts = s.merged.groups.get(TOTAL_GROUP) ?? newParts(reducer);
  const { touched } = parts;
  const values = s.whole && !touched ? s.known?.values : undefined;
  // Batch keeps the largest groups up to the limit: a group it does not name is nothing only below it, else it
  // has at most what the least of them has.
  const cut = dims !== undefined && values !== undefined && values.size >= limit;
  const most = cut ? leastOf(values) : undefined;
  let sampled: ReadonlyMap<string, Estimate> | undefined;
  const sample = (): ReadonlyMap<string, Estimate> => {
    sampled ??= estimateParts(reducer, parts, s.window, TOTAL_GROUP, dims);
    return sampled;
  };
  // Where the range's sample has everybody, so have those of its days.
  const floors = (): Floors =>
    floorsOf(values === undefined && [...sample().values()].some((e) => !isTight(e)));
  let unseen: Estimate | undefined;
  const nothing = parts.events + parts.suspectedEvents + parts.uncheckedEvents === 0;
  return {
    seen: values ? [...values.keys()] : seenInDays([...sample().keys()], floors(), limit),
    capped: cut,
    at(group) {
      const value = values?.get(group);
      if (value !== undefined)
        return { estimate: exactly(value), exact: true, touched, run: s.known?.run };
      if (values && !cut) {
        const estimate = zeroEstimate(reducer, s.window);
        return { estimate, exact: true, touched, run: s.known?.run };
      }
      const floor = floors().get(group);
      if (most !== undefined) {
        const zero = zeroEstimate(reducer, s.window);
        const least = floor?.low ?? zero.value;
        const exact = least !== null && sameDecimal(least, most);
        unseen ??= statesRead(s)
          ? unsampled(s, parts, dims ?? [])
          : { ...zero, high: zero.value && most };
        const estimate = lowered(raised(sample().get(group) ?? unseen, floor), most);
        return { estimate: exact ? exactly(most) : estimate, exact, touched, run: s.known?.run };
      }
      unseen ??= unsampled(s, parts, dims ?? []);
      const estimate = raised(sample().get(group) ?? unseen, floor);
      return { estimate, exact: s.whole && nothing, touched, run: s.run };
    },
  };
}

/** States are not read where stored values answer: nothing of them says nothing then. */
const statesRead = ({ view, merged }: Setting): boolean =>
  merged.days.every(({ run }) => run === undefined || view.runs.get(run)?.finest !== undefined);

/** A group that no sampled user has: nothing of it is seen, but it may have what the total may have. */
function unsampled(s: Setting, parts: Parts, dims: readonly string[]): Estimate {
  const { reducer } = s.view.metric;
  const { approx } = reducer;
  if (approx.presentUnseen) {
    const state = approx.plus(approx.plus(parts.sure, parts.unchecked), parts.suspected);
    const events = parts.events + parts.uncheckedEvents + parts.suspectedEvents;
    return approx.presentUnseen(state, { window: s.window, events }, dims);
  }
  const zero = zeroEstimate(reducer, s.window);
  const total = presented(s, parts);
  if (zero.value === null || total.low === null || total.high === null) return zero;
  const complete = sameDecimal(total.low, total.high);
  return complete
    ? zero
    : { ...zero, high: larger(zero.high, total.high), confidence: total.confidence };
}

const isTight = ({ low, high }: Estimate): boolean =>
  low === null || high === null || sameDecimal(low, high);

const sameDecimal = (a: Decimal, b: Decimal): boolean => compareDecimal(a, b) === 0;

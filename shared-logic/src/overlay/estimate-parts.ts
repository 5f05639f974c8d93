// From merged parts to one estimate. Doubt is folded, not counted: the value has what is sure and what
// could not be checked, the low end only what is sure, the high end also what may be duplicates. Reducers
// that more events can lower take their ends over all combinations.
import { addDecimal, compareDecimal, type Decimal, decimalOf } from "../algebra/decimal.ts";
import type { Estimate } from "../algebra/estimate.ts";
import type { AnyReducer } from "../algebra/reducer.ts";
import type { Window } from "../time/calendar.ts";
import type { Parts } from "./parts.ts";

interface End {
  readonly groups: Map<string, Estimate>;
  /** Of a group that is not among them. */
  readonly missing: Estimate;
}

export const smaller = (a: Decimal | null, b: Decimal | null): Decimal | null =>
  a === null ? b : b === null ? a : compareDecimal(a, b) <= 0 ? a : b;
export const larger = (a: Decimal | null, b: Decimal | null): Decimal | null =>
  a === null ? b : b === null ? a : compareDecimal(a, b) >= 0 ? a : b;

/** Of one group that nothing is doubtful of. */
export function estimateSure(reducer: AnyReducer, parts: Parts, window: Window): Estimate {
  // What starts in the window starts with an event in it.
  const events = reducer.atMostEvents ? parts.inside : parts.events;
  const only = reducer.approx.present(parts.sure, { window, events });
  return reducer.atMostEvents ? boundedOne(reducer, only, decimalOf(events)) : only;
}

/** Of one group: the same as `estimateParts` without dimensions, with nothing made on the way. */
export function estimateGroup(reducer: AnyReducer, parts: Parts, window: Window): Estimate {
  const [s, u] = [parts.suspectedEvents, parts.uncheckedEvents];
  if (s + u === 0) return estimateSure(reducer, parts, window);
  const { approx, atMostEvents } = reducer;
  const sure = atMostEvents ? parts.inside : parts.events;
  const checkedEvents = sure + (atMostEvents ? parts.uncheckedInside : u);
  const perhaps = s === 0 ? 0 : atMostEvents ? parts.suspectedInside : s;
  const at = (state: unknown, events: number): Estimate =>
    approx.present(state, { window, events });
  const checked = u > 0 ? approx.plus(parts.sure, parts.unchecked) : parts.sure;
  const value = at(checked, checkedEvents);
  let { low, high } = value;
  const widen = (end: Estimate): void => {
    low = smaller(low, end.low);
    high = larger(high, end.high);
  };
  if (u > 0) widen(at(parts.sure, sure));
  if (s > 0) {
    widen(at(approx.plus(checked, parts.suspected), checkedEvents + perhaps));
    if (!reducer.monotone) widen(at(approx.plus(parts.sure, parts.suspected), sure + perhaps));
  }
  const { confidence } = value;
  const e: Estimate = { value: value.value ?? low, low, high, confidence };
  return atMostEvents ? boundedOne(reducer, e, decimalOf(checkedEvents + perhaps)) : e;
}

/**
 * Estimates by group: one group, `group`, or, where the state holds dimensions inside and `dims` are
 * asked, the groups of `presentBy`.
 */
export function estimateParts(
  reducer: AnyReducer,
  parts: Parts,
  window: Window,
  group: string,
  dims: readonly string[] | undefined,
): Map<string, Estimate> {
  const algebra = reducer.approx;
  if (!dims) return new Map([[group, estimateGroup(reducer, parts, window)]]);
  const present = (state: unknown, events: number): Map<string, Estimate> => {
    const context = { window, events };
    if (algebra.presentBy) return algebra.presentBy(state, context, dims);
    return new Map([[group, algebra.present(state, context)]]);
  };
  const { plus } = algebra;
  const [s, u] = [parts.suspectedEvents, parts.uncheckedEvents];
  const checked = u > 0 ? plus(parts.sure, parts.unchecked) : parts.sure;
  const { atMostEvents } = reducer;
  const sure = atMostEvents ? parts.inside : parts.events;
  const more = atMostEvents ? parts.uncheckedInside : u;
  const perhaps = atMostEvents ? parts.suspectedInside : s;
  if (s === 0 && u === 0) return bounded(reducer, present(checked, sure + more), sure);
  const zero = zeroEstimate(reducer, window);
  const endOf = (state: unknown, events: number): End => ({
    groups: present(state, events),
    missing: algebra.presentUnseen?.(state, { window, events }, dims) ?? zero,
  });
  const value = endOf(checked, sure + more);
  const ends: End[] = [endOf(parts.sure, sure), value];
  if (s > 0) {
    ends.push(endOf(plus(checked, parts.suspected), sure + more + perhaps));
    if (!reducer.monotone) ends.push(endOf(plus(parts.sure, parts.suspected), sure + perhaps));
  }
  const joined = new Map<string, Estimate>();
  for (const key of new Set(ends.flatMap((e) => [...e.groups.keys()]))) {
    const middle = value.groups.get(key) ?? value.missing;
    let [low, high] = [middle.low, middle.high];
    for (const { groups, missing } of ends) {
      const e = groups.get(key) ?? missing;
      low = smaller(low, e.low);
      high = larger(high, e.high);
    }
    joined.set(key, { value: middle.value ?? low, low, high, confidence: middle.confidence });
  }
  return bounded(reducer, joined, sure + more + perhaps);
}

export const zeroEstimate = (reducer: AnyReducer, window: Window): Estimate =>
  reducer.approx.present(reducer.approx.zero, { window, events: 0 });

/** No more users or sessions than events. */
function bounded(
  reducer: AnyReducer,
  estimates: Map<string, Estimate>,
  events: number,
): Map<string, Estimate> {
  if (!reducer.atMostEvents) return estimates;
  const most = decimalOf(events);
  const out = new Map<string, Estimate>();
  for (const [key, e] of estimates) out.set(key, boundedOne(reducer, e, most));
  return out;
}

function boundedOne(reducer: AnyReducer, e: Estimate, most: Decimal): Estimate {
  const { value, low, high, confidence } = e;
  if (!reducer.atMostEvents) return e;
  // What is exact is so at both ends.
  if (value === low && value === high) {
    const least = smaller(value, most);
    return least === value ? e : { value: least, low: least, high: least, confidence };
  }
  return {
    value: smaller(value, most),
    low: smaller(low, most),
    high: smaller(high, most),
    confidence,
  };
}

/** What is at least `floor`: the value at least what is shown of its parts, its low end what is sure of them. */
export function raised(
  e: Estimate,
  floor: { readonly value: Decimal; readonly low: Decimal | undefined } | undefined,
): Estimate {
  if (floor === undefined || e.value === null) return e;
  const { value, low, high, confidence } = e;
  return {
    value: larger(value, floor.value),
    low: larger(low, floor.low ?? null),
    high: larger(high, floor.value),
    confidence,
  };
}

/** What is known to be at most `most`. */
export function lowered(e: Estimate, most: Decimal): Estimate {
  if (e.value === null) return e;
  const { value, low, high, confidence } = e;
  return {
    value: smaller(value, most),
    low: smaller(low, most),
    high: smaller(high, most),
    confidence,
  };
}

/** Tightens a union's estimate by its exactly known, disjoint parts: max(parts) <= union <= sum(parts). */
export function tighten(e: Estimate, parts: readonly Decimal[], complete: boolean): Estimate {
  if (e.value === null || parts.length === 0) return e;
  let least = parts[0]!;
  let most = decimalOf(0);
  for (const p of parts) {
    if (compareDecimal(p, least) > 0) least = p;
    most = addDecimal(most, p);
  }
  const clamp = (d: Decimal | null): Decimal | null => {
    const raised = larger(d, least);
    return complete ? smaller(raised, most) : raised;
  };
  return {
    value: clamp(e.value),
    low: clamp(e.low),
    high: clamp(e.high),
    confidence: e.confidence,
  };
}

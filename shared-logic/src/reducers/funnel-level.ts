// How far a user gets in a funnel: the semantics of ClickHouse's windowFunnel, made independent of the order
// in which events come. Steps are reached in order, each at most windowMs after the chain's first event. Events
// of one moment are taken in the order of the steps, and one event counts for every step it matches.
//
// `strict`: as strict_order there, a step whose predecessor was not reached, or an event that is no step, ends
// the search. `increasing`: as strict_increase, a step comes later than the one before, not in the same moment;
// a first step does not take the place of an earlier one for the other events of its moment, as it does there.
import type { Window } from "../time/calendar.ts";
import { compareDims, type MarkedEvent, type MarkedEvents } from "./marked-set.ts";

export interface FunnelRules {
  readonly steps: number;
  readonly windowMs: number;
  readonly strict: boolean;
  readonly increasing: boolean;
}

export interface FunnelLevel {
  /** Steps reached; 0 where no chain starts in the window. */
  readonly level: number;
  /** The first event of the first chain that got so far. */
  readonly start: MarkedEvent | undefined;
  /** From that event to the step reached. */
  readonly lengthMs: number;
}

interface Reached {
  readonly start: MarkedEvent;
  readonly lastMs: number;
}

/** Chains start inside `window` and may end after it. */
export function funnelLevel(events: MarkedEvents, window: Window, rules: FunnelRules): FunnelLevel {
  const { steps, windowMs, strict, increasing } = rules;
  let reached: (Reached | undefined)[] = [];
  let best: FunnelLevel = { level: 0, start: undefined, lengthMs: 0 };
  for (let from = 0; from < events.length && best.level < steps; ) {
    const timeMs = events[from]?.timeMs ?? 0;
    const moment = momentAt(events, from, increasing);
    from = moment.until;
    if (timeMs < window.from) continue;
    if (timeMs >= window.until + windowMs) break;
    if (strict && moment.unmarked && reached[0]) break;
    // Where steps must come later, those of this moment stand on what was reached before it.
    const now = increasing ? [...reached] : reached;
    for (let step = 0; step < steps; step++) {
      if (((moment.marks >> step) & 1) === 0) continue;
      if (step === 0) {
        if (moment.first === undefined || moment.last === undefined || timeMs >= window.until)
          continue;
        now[0] = { start: moment.last, lastMs: timeMs };
        if (best.level === 0) best = { level: 1, start: moment.first, lengthMs: 0 };
        continue;
      }
      if (strict && now[0] && !now[step - 1]) return best;
      const before = reached[step - 1];
      if (!before || timeMs - before.start.timeMs > windowMs) continue;
      if (increasing && timeMs <= before.lastMs) continue;
      now[step] = { start: before.start, lastMs: timeMs };
      if (step >= best.level)
        best = { level: step + 1, start: before.start, lengthMs: timeMs - before.start.timeMs };
    }
    reached = now;
  }
  return best;
}

interface Moment {
  /** The first event after it. */
  readonly until: number;
  /** All steps of its events. */
  readonly marks: number;
  /** An event of it is no step. */
  readonly unmarked: boolean;
  /** Of its first steps by their dimensions, the one that stands for no more than itself, … */
  readonly first: MarkedEvent | undefined;
  /** … and the one that a chain goes on from. */
  readonly last: MarkedEvent | undefined;
}

function momentAt(events: MarkedEvents, from: number, increasing: boolean): Moment {
  const timeMs = events[from]?.timeMs;
  let [until, marks, unmarked] = [from, 0, false];
  let [least, most]: (MarkedEvent | undefined)[] = [];
  for (let e = events[until]; e !== undefined && e.timeMs === timeMs; e = events[++until]) {
    marks |= e.marks;
    unmarked ||= e.marks === 0;
    if ((e.marks & 1) === 0) continue;
    if (least === undefined || compareDims(e, least) < 0) least = e;
    if (most === undefined || compareDims(e, most) > 0) most = e;
  }
  const [first, last] = increasing ? [most, least] : [least, most];
  return { until, marks, unmarked, first, last };
}

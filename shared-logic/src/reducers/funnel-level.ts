// How far a user gets in a funnel: the semantics of ClickHouse's windowFunnel, made independent of the order
// in which events come. Steps are reached in order, each at most windowMs after the chain's first event;
// events of one moment are taken in the order of the steps, and one event is one step only.
//
// `strict`: as strict_order there, the first event that is not the next step (or a repeated one) ends the
// search. `increasing`: as strict_increase, a step comes later than the one before, not in the same moment.
import type { Window } from "../time/calendar.ts";
import type { MarkedEvent, MarkedEvents } from "./marked-events.ts";

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
  const reached: (Reached | undefined)[] = [];
  let best: FunnelLevel = { level: 0, start: undefined, lengthMs: 0 };
  const inReach = events.filter(
    (e) => e.timeMs >= window.from && e.timeMs < window.until + windowMs,
  );
  for (const { event, step } of inOrder(inReach, steps, increasing)) {
    if (step < 0) {
      if (strict && reached[0]) break;
      continue;
    }
    let now: Reached | undefined;
    if (step === 0) {
      if (event.timeMs < window.until) now = { start: event, lastMs: event.timeMs };
    } else {
      const before = reached[step - 1];
      if (strict && reached[0] && !before) break;
      if (
        before &&
        event.timeMs - before.start.timeMs <= windowMs &&
        (!increasing || event.timeMs > before.lastMs)
      )
        now = { start: before.start, lastMs: event.timeMs };
    }
    if (!now) continue;
    reached[step] = now;
    if (step >= best.level)
      best = { level: step + 1, start: now.start, lengthMs: event.timeMs - now.start.timeMs };
    if (best.level === steps) break;
  }
  return best;
}

/**
 * Every event with each of its steps, -1 for none. Within one event the last step comes first, and in one
 * moment too where a step must come later than the one before.
 */
function* inOrder(
  events: MarkedEvents,
  steps: number,
  increasing: boolean,
): Generator<{ readonly event: MarkedEvent; readonly step: number }> {
  for (let from = 0; from < events.length; ) {
    let until = from + 1;
    while (until < events.length && events[until]?.timeMs === events[from]?.timeMs) until++;
    const moment = events.slice(from, until);
    if (increasing) moment.reverse();
    for (const event of moment) {
      if (event.marks === 0) yield { event, step: -1 };
      for (let step = steps - 1; step >= 0; step--)
        if ((event.marks >> step) & 1) yield { event, step };
    }
    from = until;
  }
}

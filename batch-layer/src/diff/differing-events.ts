// The smallest events on which two metrics differ on a day: its archived events are shrunk by delta debugging,
// bounded by tests and time. Where a bound is hit, what was found until then still differs, but may not be minimal.
import { setImmediate } from "node:timers/promises";
import { type Clock, ddmin, type Metric } from "@tandem/shared-logic";
import type { CellChange } from "../heal/cells.ts";
import type { UnitPorts } from "../unit.ts";
import {
  type DayEvents,
  type DayEventsRequest,
  jsonOfEvents,
  readDayEvents,
} from "./day-events.ts";
import { FoldEvents } from "./fold-events.ts";

export interface SearchBounds {
  /** Most parts that are computed. */
  readonly tests: number;
  readonly ms: number;
}

export const SEARCH_BOUNDS: SearchBounds = { tests: 20_000, ms: 60_000 };

export interface DifferingEvents {
  /** False: on the archived events of today the two do not differ. */
  readonly found: boolean;
  /** Without any one of them the two do not differ. */
  readonly minimal: boolean;
  /** Events of the tenant that were searched. */
  readonly of: number;
  readonly tests: number;
  /** JSON as clients sent it, in the order of the log. */
  readonly events: readonly string[];
  /** What differs where there are these alone; `before` is the first metric's value. */
  readonly values: readonly CellChange[];
}

export interface SearchOptions {
  readonly bounds?: Partial<SearchBounds>;
  /** Told whenever fewer events are known to do. */
  readonly progress?: (events: number, tests: number) => void;
}

export async function differingEvents(
  ports: UnitPorts & { readonly clock: Pick<Clock, "now"> },
  request: DayEventsRequest,
  metrics: readonly [Metric, Metric],
  options: SearchOptions = {},
): Promise<DifferingEvents> {
  const events = await readDayEvents(ports, request, metrics);
  const fold = new FoldEvents(events, metrics, request.day);
  const found = await smallestDifference(ports, fold, events, options);
  const which = found.which.toSorted((a, b) => a - b);
  return {
    found: which.length > 0,
    minimal: found.minimal,
    of: events.rows.length,
    tests: found.tests,
    events: await jsonOfEvents(ports, events, which),
    values: fold.differing(which),
  };
}

/** `which` is empty where the two do not differ on all of them. */
export async function smallestDifference(
  { clock }: { readonly clock: Pick<Clock, "now"> },
  fold: FoldEvents,
  events: DayEvents,
  { bounds, progress }: SearchOptions = {},
): Promise<{
  readonly which: readonly number[];
  readonly minimal: boolean;
  readonly tests: number;
}> {
  const { tests: most, ms } = { ...SEARCH_BOUNDS, ...bounds };
  const all = byUser(events);
  if (fold.differing(all).length === 0) return { which: [], minimal: false, tests: 1 };
  const untilMs = clock.now() + ms;
  let [smallest, tests]: [readonly number[], number] = [all, 1];
  const search = ddmin(all);
  let step = search.next();
  while (!step.done) {
    if (tests >= most || clock.now() >= untilMs) return { which: smallest, minimal: false, tests };
    const differs = fold.differing(step.value).length > 0;
    tests++;
    if (differs) {
      smallest = step.value;
      progress?.(smallest.length, tests);
    }
    // This process may have others to serve.
    await setImmediate();
    step = search.next(differs);
  }
  return { which: step.value, minimal: true, tests };
}

/** Events of one user side by side: what makes a difference together is then found in fewer steps. */
function byUser({ objects, of, rows }: DayEvents): number[] {
  const codes = objects.map(({ columns }) => columns.field("user").codes());
  const users = rows.map((row, i) => codes[of[i] ?? -1]?.[row] ?? -1);
  return rows.map((_, i) => i).sort((a, b) => (users[a] ?? 0) - (users[b] ?? 0) || a - b);
}

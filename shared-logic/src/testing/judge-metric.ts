// What the law gate says of a metric, as data: which laws it breaks, each with the fewest events found that it is
// still broken on. States are made smaller first, then the events that they are made of (diff/ddmin.ts).
import { ddmin } from "../diff/ddmin.ts";
import type { PlainEvent } from "./columns-of.ts";
import type { Declared } from "./gate-events.ts";
import { GATE, type GateOptions, lawGate, poolOf } from "./law-gate.ts";

export interface BrokenLaw {
  readonly law: string;
  /** What the law said of the smallest events. */
  readonly problem: string;
  /** Drawn from these, items break the law; empty where their number is what is wrong. */
  readonly events: readonly PlainEvent[];
}

export interface Verdict {
  readonly laws: number;
  readonly broken: readonly BrokenLaw[];
}

const SIZES = [1, 2, 3, 5, 10];
/** Parts tried per law, so that an answer comes in seconds. */
const MOST_TRIES = 300;
/** Laws about how many items there are: fewer prove nothing. */
const ABOUT_NUMBERS = /growth is bounded$|as often as claimed$/;

type Laws = ReadonlyMap<string, () => void>;

function lawsOf(metric: Declared, options: GateOptions): Laws {
  const laws = new Map<string, () => void>();
  lawGate({ test: (name, fn) => laws.set(name, fn) }, metric, options);
  return laws;
}

/** What is said where the law does not hold. */
function problemOf(laws: Laws, name: string): string | undefined {
  try {
    laws.get(name)?.();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export function judgeMetric(metric: Declared, options: GateOptions = GATE): Verdict {
  const pool = options.pool ?? poolOf(metric, options.seeds?.[0] ?? 1);
  const laws = lawsOf(metric, { ...options, pool });
  const broken: BrokenLaw[] = [];
  for (const law of laws.keys()) {
    const problem = problemOf(laws, law);
    if (problem === undefined) continue;
    broken.push(
      ABOUT_NUMBERS.test(law)
        ? { law, problem, events: [] }
        : smallest(metric, law, problem, { ...options, pool }),
    );
  }
  return { laws: laws.size, broken };
}

function smallest(metric: Declared, law: string, first: string, options: GateOptions): BrokenLaw {
  let problem = first;
  const shows = (size: number | undefined, pool: readonly PlainEvent[]): boolean => {
    const sized = size === undefined ? options : { ...options, size, trials: 20 };
    try {
      const said = problemOf(lawsOf(metric, { ...sized, pool }), law);
      if (said !== undefined) problem = said;
      return said !== undefined;
    } catch {
      return false;
    }
  };
  const { pool = [] } = options;
  const some = pool.slice(0, 256);
  const size = SIZES.find((n) => shows(n, some));
  let events: readonly PlainEvent[] = size !== undefined || shows(undefined, some) ? some : pool;
  const search = ddmin(events);
  let step = search.next();
  for (let tries = 0; !step.done && tries < MOST_TRIES; tries++) {
    const part = step.value;
    const showed = shows(size, part);
    if (showed) events = part;
    step = search.next(showed);
  }
  if (events.length > 0) shows(size, events);
  return { law, problem, events };
}

// Events for the law gate, made from what a metric declares that it reads: values that its conditions name, numbers
// of many sizes where it reads a decimal, texts elsewhere, and what clients really send beside them: nothing, null,
// a text for a number. Half of the events are of a few busy users, some of nobody; times reach over a day's edges.
import type { AnyReducer } from "../algebra/reducer.ts";
import { ARRIVAL, COPY } from "../fold/made-fields.ts";
import { type Condition, type Path, pathsOfSelector } from "../metrics/selector.ts";
import { below, type Random } from "../ports/random.ts";
import { DAY_MS, HOUR_MS } from "../time/epoch-ms.ts";
import type { PlainEvent } from "./columns-of.ts";

const OCTOBER_1_2019_MS = 1_569_888_000_000;
/** So many values of a text: enough that lists are cut, few enough that values meet. */
const TEXTS = 300;

/** What of a metric the events follow from. */
export interface Declared {
  readonly reducer: AnyReducer;
  readonly where?: Condition | undefined;
  readonly by?: readonly (readonly Path[])[];
}

const pick = <T>(random: Random, of: readonly T[]): T => of[below(random, of.length)] as T;

function* namedValues(c: Condition): Generator<readonly [Path, readonly string[]]> {
  if (c.op === "in") yield [c.path, c.values];
  else if (c.op === "exists") yield [c.path, []];
  else if (c.op === "not") yield* namedValues(c.condition);
  else for (const part of c.op === "and" ? c.all : c.any) yield* namedValues(part);
}

interface Reads {
  /** Paths into properties and context, with the values that conditions name. */
  readonly paths: ReadonlyMap<Path, readonly string[]>;
  /** Digits after the point of those that are read as decimals. */
  readonly numbers: ReadonlyMap<Path, number>;
}

function readsOf({ reducer, where, by = [] }: Declared): Reads {
  const paths = new Map<Path, string[]>();
  const add = (path: Path, values: readonly string[]): void => {
    paths.set(path, [...(paths.get(path) ?? []), ...values]);
  };
  const conditions = reducer.selects.flatMap((s) => (s.select === "flag" ? [s.condition] : []));
  for (const c of where === undefined ? conditions : [...conditions, where])
    for (const [path, values] of namedValues(c)) add(path, values);
  for (const path of [...reducer.selects.flatMap(pathsOfSelector), ...by.flat()]) add(path, []);
  const numbers = reducer.selects.flatMap((s) =>
    s.select === "decimal" ? [[s.path, s.scale] as const] : [],
  );
  return { paths, numbers: new Map(numbers) };
}

function drawn(random: Random, scale: number | undefined, named: readonly string[]): unknown {
  if (named.length > 0 && below(random, 2) === 0) return pick(random, named);
  if (scale !== undefined)
    return pick<() => unknown>(random, [
      () => below(random, 10 ** 6) / 10 ** Math.min(scale, 2),
      () => below(random, 10 ** 7) / 10 ** Math.min(scale, 3),
      () => pick(random, [-1.5, 0, 0.0001, "7", "slow", null]),
    ])();
  return pick<() => unknown>(random, [
    () => `/${below(random, TEXTS)}`,
    () => pick(random, ["DE", "US", "web", "/", "\u{FF21}"]),
    () => pick(random, [null, undefined, 7, true]),
  ])();
}

/** Puts `value` at a dotted path into objects that nobody else holds. */
function put(at: Record<string, unknown>, path: Path, value: unknown): void {
  const steps = path.split(".");
  const last = steps.pop() ?? "";
  let inner = at;
  for (const step of steps) {
    const there = inner[step];
    const next = typeof there === "object" && there !== null ? there : {};
    inner[step] = next;
    inner = next as Record<string, unknown>;
  }
  inner[last] = value;
}

/** Makes one event after the other for a metric. */
export function gateEvents(declared: Declared): (random: Random) => PlainEvent {
  const { paths, numbers } = readsOf(declared);
  const types = [...(paths.get("event_type") ?? []), "view", "purchase", "\u{1F600}"];
  const walked = [...paths].filter(([path]) => /^(?:properties|context)\./.test(path));
  return (random) => {
    const user = `${below(random, 2) === 0 ? below(random, 8) : below(random, 2 ** 24)}`;
    const who = below(random, 4);
    const event: Record<string, unknown> = {
      event_id: `${random.u32()}`,
      event_type: pick(random, types),
      timestamp: OCTOBER_1_2019_MS - HOUR_MS + below(random, DAY_MS + 2 * HOUR_MS),
      ...(who < 2 ? { user_id: user } : who === 2 ? { anonymous_id: user } : {}),
    };
    if (paths.has("session_id")) event["session_id"] = `s${below(random, TEXTS)}`;
    if (paths.has("version")) event["version"] = `v${below(random, 4)}`;
    if (paths.has(ARRIVAL) && below(random, 4) === 0)
      event["received_at"] = Number(event["timestamp"]) + below(random, 5 * DAY_MS);
    if (paths.has(COPY)) event["event_id"] = `${below(random, TEXTS)}`;
    for (const [path, named] of walked) put(event, path, drawn(random, numbers.get(path), named));
    return event;
  };
}

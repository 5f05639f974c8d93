// What an algebra owes its surroundings: it changes nothing it is given and asks nobody for the time.
import type { Algebra, PresentContext } from "../../algebra/algebra.ts";
import { sameBytes } from "../../codec/same-bytes.ts";
import { appendAll } from "./fold-items.ts";
import { sameEstimate } from "./present-laws.ts";

/** Runs `fn` with clocks and randomness forbidden; a plain call where the caller cannot do that. */
export type Guard = <T>(fn: () => T) => T;

/** Freezes objects, arrays and what they hold. Typed arrays cannot be frozen; their bytes are compared. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Object.isFrozen(value)) return value;
  Object.freeze(value);
  if (value instanceof Map) for (const [k, v] of value) [k, v].forEach(deepFreeze);
  else if (value instanceof Set) for (const v of value) deepFreeze(v);
  for (const key of Reflect.ownKeys(value)) {
    deepFreeze((value as Record<PropertyKey, unknown>)[key]);
  }
  return value;
}

/** Throws (frozen) or returns false (bytes moved) where plus, append, present or encode write to a state. */
export function leavesInputsAlone<I, S>(
  A: Algebra<I, S>,
  a: S,
  b: S,
  x: I,
  context: PresentContext,
): boolean {
  const states = [A.zero, a, b];
  const before = states.map((s) => A.encode(s));
  states.forEach(deepFreeze);
  deepFreeze(x);
  try {
    A.plus(a, b);
    A.plus(b, a);
    A.plus(a, a);
    A.append(a, x);
    A.append(A.zero, x);
    for (const s of states) A.present(s, context);
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
  return states.every((s, i) => sameBytes(A.encode(s), before[i]!));
}

/** Bytes that were handed out or in belong to their holder: no state looks through to them. */
export function sharesNoBytes<I, S>(A: Algebra<I, S>, s: S): boolean {
  const bytes = A.encode(s);
  const given = bytes.slice();
  const decoded = A.decode(given);
  A.encode(s).fill(0xff);
  given.fill(0xff);
  return sameBytes(A.encode(s), bytes) && sameBytes(A.encode(decoded), bytes);
}

/** The same twice, with clocks and randomness out of reach. */
export function repeatable<I, S>(
  A: Algebra<I, S>,
  items: readonly I[],
  context: PresentContext,
  guard: Guard,
): boolean {
  const once = () => {
    const state = appendAll(A, items);
    return { bytes: A.encode(state), shown: A.present(state, context) };
  };
  const [first, second] = [guard(once), guard(once)];
  return sameBytes(first.bytes, second.bytes) && sameEstimate(first.shown, second.shown);
}

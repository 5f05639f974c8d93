// The ways to one state: items one by one, in a balanced tree, and in any order cut into any parts.

import type { Algebra } from "../../algebra/algebra.ts";
import { sameBytes } from "../../codec/same-bytes.ts";
import { below, type Random } from "../../ports/random.ts";

export const appendAll = <I, S>(algebra: Algebra<I, S>, items: readonly I[]): S =>
  items.reduce((state, item) => algebra.append(state, item), algebra.zero);

/** The sum of states in pairs, then pairs of pairs: few large states are copied. */
function plusTree<I, S>(algebra: Algebra<I, S>, states: readonly S[]): S {
  let level = [...states];
  while (level.length > 1) {
    const next: S[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const a = level[i] as S;
      next.push(i + 1 < level.length ? algebra.plus(a, level[i + 1] as S) : a);
    }
    level = next;
  }
  return level.length === 0 ? algebra.zero : (level[0] as S);
}

/** The state of many items in reasonable time: small parts one by one, then a tree. */
export function foldTree<I, S>(algebra: Algebra<I, S>, items: readonly I[]): S {
  const parts: S[] = [];
  for (let from = 0; from < items.length; from += 32) {
    parts.push(appendAll(algebra, items.slice(from, from + 32)));
  }
  return plusTree(algebra, parts);
}

export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = below(random, i + 1);
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

/** The state of the items in a random order, in random parts, added in a random order. */
export function foldAnyhow<I, S>(algebra: Algebra<I, S>, items: readonly I[], random: Random): S {
  const mixed = shuffled(random, items);
  const parts: S[] = [];
  for (let from = 0; from < mixed.length; ) {
    const size = 1 + below(random, Math.max(1, Math.ceil(mixed.length / 2)));
    parts.push(appendAll(algebra, mixed.slice(from, from + size)));
    from += size;
  }
  while (parts.length > 1) {
    const a = parts.splice(below(random, parts.length), 1)[0] as S;
    const at = below(random, parts.length);
    parts[at] = algebra.plus(parts[at] as S, a);
  }
  return parts.length === 0 ? algebra.zero : (parts[0] as S);
}

/** Equal states are states of equal bytes. */
export const sameState = <I, S>(algebra: Algebra<I, S>, a: S, b: S): boolean =>
  sameBytes(algebra.encode(a), algebra.encode(b));

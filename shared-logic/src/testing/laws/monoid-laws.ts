// What an algebra owes its plus, zero and append (algebra/algebra.ts), each law a plain boolean function.
// Written after fp-ts-laws.
import type { Algebra } from "../../algebra/algebra.ts";
import { sameState } from "./fold-items.ts";

export const associative = <I, S>(A: Algebra<I, S>, a: S, b: S, c: S): boolean =>
  sameState(A, A.plus(A.plus(a, b), c), A.plus(a, A.plus(b, c)));

export const commutative = <I, S>(A: Algebra<I, S>, a: S, b: S): boolean =>
  sameState(A, A.plus(a, b), A.plus(b, a));

export const zeroNeutral = <I, S>(A: Algebra<I, S>, a: S): boolean =>
  sameState(A, A.plus(A.zero, a), a) && sameState(A, A.plus(a, A.zero), a);

export const appendIsPlus = <I, S>(A: Algebra<I, S>, s: S, x: I): boolean =>
  sameState(A, A.append(s, x), A.plus(s, A.append(A.zero, x)));

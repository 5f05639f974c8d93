// What a reducer owes its bridge: approximating exact states and adding them up commute, byte for byte.
import type { Reducer } from "../../algebra/reducer.ts";
import { appendAll, sameState } from "./fold-items.ts";

export const bridgesPlus = <I, E, A>(R: Reducer<I, E, A>, a: E, b: E): boolean =>
  sameState(R.approx, R.toApprox(R.exact.plus(a, b)), R.approx.plus(R.toApprox(a), R.toApprox(b)));

export const bridgesAppend = <I, E, A>(R: Reducer<I, E, A>, x: I): boolean =>
  sameState(
    R.approx,
    R.toApprox(R.exact.append(R.exact.zero, x)),
    R.approx.append(R.approx.zero, x),
  );

export const bridgesZero = <I, E, A>(R: Reducer<I, E, A>): boolean =>
  sameState(R.approx, R.toApprox(R.exact.zero), R.approx.zero);

export const bridgesItems = <I, E, A>(R: Reducer<I, E, A>, items: readonly I[]): boolean =>
  sameState(R.approx, R.toApprox(appendAll(R.exact, items)), appendAll(R.approx, items));

/** `additive` says that the two sides are one. */
export const additiveIsExact = <I, E, A>(R: Reducer<I, E, A>, items: readonly I[]): boolean => {
  const [exact, approx] = [
    R.exact.encode(appendAll(R.exact, items)),
    R.approx.encode(appendAll(R.approx, items)),
  ];
  return exact.length === approx.length && exact.every((byte, i) => byte === approx[i]);
};

// Cells held as the bytes of their exact states, for metrics that can work on those: users that no late event
// touched are not decoded, summed, hashed and encoded again. What bytes alone cannot say is decoded.
import {
  type Algebra,
  type EncodedStates,
  type EpochMs,
  type Metric,
  type StoredGrain,
  type Window,
  windowEnd,
} from "@tandem/shared-logic";
import { type CellForm, decodedForm } from "../cell-form.ts";
import { type Estimates, windowAt } from "../whole-estimates.ts";

/** `encode(plus(decode(a), decode(b)))`. */
export function plusEncoded(metric: Metric, a: Uint8Array, b: Uint8Array): Uint8Array {
  const { encoded, exact } = metric.reducer;
  const sum = encoded?.plus(a, b);
  if (sum) return sum;
  const algebra = exact as Algebra<unknown, unknown>;
  return algebra.encode(algebra.plus(algebra.decode(a), algebra.decode(b)));
}

/** Undefined where the metric's states have to be decoded. */
export function encodedForm(metric: Metric): CellForm | undefined {
  const { reducer, sets } = metric;
  const { encoded } = reducer;
  const { present, presentEach } = encoded ?? {};
  if (!encoded || !(reducer.inside ? presentEach : present)) return undefined;
  return {
    zero: undefined,
    add: (state, more) => (state === undefined ? more : plusEncoded(metric, bytesOf(state), more)),
    approx: (state) => approxOf(metric, encoded, bytesOf(state)),
    present: (states, context) =>
      present?.(states.map(bytesOf), context) ??
      decodedForm(metric).present(
        states.map((s) => reducer.exact.decode(bytesOf(s))),
        context,
      ),
    shown(starts, own) {
      const lists = reducer.grains.map((grain) => windowsOf(own, grain));
      const inOrder = [...starts].sort((a, b) => a[0] - b[0]);
      const states = inOrder.map(([, cell]) => bytesOf(cell.state));
      const each = presentEach?.(states, lists, sets) ?? [];
      const made = new Map<string, Estimates>();
      for (const [g, windows] of lists.entries())
        for (const [w, { from }] of windows.entries())
          for (const s of sets.keys()) {
            const estimates = each[g]?.[s]?.[w];
            if (estimates) made.set(placeOf(reducer.grains[g] ?? "hour", from, s), estimates);
          }
      return (grain, from, set) => made.get(placeOf(grain, from, set)) ?? new Map();
    },
  };
}

const placeOf = (grain: StoredGrain, from: EpochMs, set: number): string =>
  `${grain} ${from} ${set}`;

function windowsOf(own: Window, grain: StoredGrain): Window[] {
  const windows: Window[] = [];
  for (let at = own.from; at < own.until; at = windowEnd(at, grain))
    windows.push(windowAt(at, grain));
  return windows;
}

function bytesOf(state: unknown): Uint8Array {
  if (!(state instanceof Uint8Array)) throw new TypeError("a cell's state is not bytes");
  return state;
}

function approxOf({ reducer }: Metric, { toApprox }: EncodedStates, state: Uint8Array): Uint8Array {
  return toApprox(state) ?? reducer.approx.encode(reducer.toApprox(reducer.exact.decode(state)));
}

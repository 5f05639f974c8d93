// What a metric's author expects of its values. A heal that breaks an expectation is kept for inspection and
// not published; no number depends on it, so it is no part of the metric's fingerprint.
import { parseDecimal } from "../algebra/decimal.ts";

export interface Expectation {
  /** Plain decimal text; every stored value lies at or above it. */
  readonly min?: string;
  /** Every stored value lies at or below it. */
  readonly max?: string;
  /** Most that a day's total may change against the last run, as a share of it: 0.1 is ten percent. */
  readonly maxChange?: number;
  /** A day has at least so many events of the metric. */
  readonly minEvents?: number;
}

/** The rule that an expectation breaks; undefined where it is sound. */
export function brokenExpectation(e: Expectation): string | undefined {
  for (const [name, value] of [
    ["min", e.min],
    ["max", e.max],
  ] as const) {
    if (value !== undefined && parseDecimal(value) === undefined)
      return `expect.${name} must be a plain decimal as text, such as "0"`;
  }
  for (const [name, value] of [
    ["maxChange", e.maxChange],
    ["minEvents", e.minEvents],
  ] as const) {
    if (value !== undefined && !(Number.isFinite(value) && value >= 0))
      return `expect.${name} must be 0 or more`;
  }
  return undefined;
}

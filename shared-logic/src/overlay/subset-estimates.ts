// Two estimates of which one is known to be at most the other: what is surer stands, and the other gives way. Both
// intervals stay honest: whoever has at least 5 is not below 5, and whoever is part of at most 9 is not above 9.
import { addDecimal, compareDecimal, type Decimal } from "../algebra/decimal.ts";
import type { Estimate } from "../algebra/estimate.ts";
import { larger, smaller } from "./estimate-parts.ts";

/** `more`, which is not known exactly, has what `less` has. */
export function withSubset(more: Estimate, less: Estimate): Estimate {
  const { value, low, high, confidence } = more;
  if (value === null || less.value === null) return more;
  const surer = compareDecimal(widthOf(less), widthOf(more)) <= 0;
  const least = larger(low, less.low);
  const shown = larger(larger(value, least), surer ? less.value : null);
  if (shown === value && least === low) return more;
  return { value: shown, low: least, high: larger(high, shown), confidence };
}

/** `less` has no more than `more`, which is shown beside it. */
export function withinSuperset(less: Estimate, more: Estimate): Estimate {
  const { value, low, high, confidence } = less;
  if (value === null || more.value === null) return less;
  const most = smaller(high, more.high);
  const shown = smaller(value, more.value);
  const least = smaller(low, shown);
  if (shown === value && least === low && most === high) return less;
  return { value: shown, low: least, high: larger(most, shown), confidence };
}

const widthOf = ({ low, high }: Estimate): Decimal => {
  if (low === null || high === null) return { units: 0n, scale: 0 };
  return addDecimal(high, { ...low, units: -low.units });
};

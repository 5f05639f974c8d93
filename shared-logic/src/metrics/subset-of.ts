// Which metrics count no more than which others, read off their declarations: the same count of fewer events, as one
// condition lets through no more than the other, or users, sessions and values against the events that they are of.
// Sessions of fewer events may be more sessions, so only what more events never lower is held against itself.
import { canonicalJson } from "./fingerprint-of.ts";
import type { Metric } from "./metric.ts";
import type { Condition } from "./selector.ts";

/** Whether every number of `less` is at most that of `more` for the same window and group. */
export function isSubsetOf(less: Metric, more: Metric): boolean {
  if (less.dataset !== more.dataset || !implies(less.where, more.where)) return false;
  const { reducer } = more;
  if (less.reducer.atMostEvents && reducer.spec.kind === "count") return true;
  return reducer.monotone && measureOf(less) === measureOf(more);
}

const measureOf = ({ reducer: { spec, selects } }: Metric): string =>
  canonicalJson([spec, selects] as never);

/** Whether an event that `a` holds for is one that `b` holds for; false also where that is not seen. */
export function implies(a: Condition | undefined, b: Condition | undefined): boolean {
  if (b === undefined) return true;
  if (a === undefined) return false;
  if (canonicalJson(a as never) === canonicalJson(b as never)) return true;
  if (b.op === "and") return b.all.every((one) => implies(a, one));
  if (a.op === "or") return a.any.every((one) => implies(one, b));
  if (a.op === "and" && a.all.some((one) => implies(one, b))) return true;
  if (b.op === "or") return b.any.some((one) => implies(a, one));
  if (a.op === "not" && b.op === "not") return implies(b.condition, a.condition);
  if (a.op !== "in" || (b.op !== "in" && b.op !== "exists") || a.path !== b.path) return false;
  return b.op === "exists" || a.values.every((value) => b.values.includes(value));
}

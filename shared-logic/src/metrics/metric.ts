// A metric: data plus a reducer. Its file is all an analytics engineer writes; both layers, backfill,
// overlay, API, bounds, docs and tests follow from it.
import type { AnyReducer } from "../algebra/reducer.ts";
import { TandemError } from "../errors.ts";
import { brokenExpectation, type Expectation } from "./expectation.ts";
import type { Fingerprint } from "./fingerprint.ts";
import { fingerprintOf } from "./fingerprint-of.ts";
import type { Condition, Path } from "./selector.ts";

/** An event as a client sends it, for a metric's examples. */
export type ExampleEvent = Readonly<Record<string, unknown>>;

/** Events and the answer they must give: documentation and test in one. */
export interface MetricExample {
  readonly title: string;
  readonly events: readonly ExampleEvent[];
  /** Half-open; instants in ISO 8601. Default: the UTC day of the first event. */
  readonly window?: { readonly from: string; readonly until: string };
  /** Plain decimal text, or null for a metric that says nothing of nothing. */
  readonly value: string | null;
  /** Values by canonical group of a declared grouping set. */
  readonly by?: {
    readonly dims: readonly Path[];
    readonly groups: Readonly<Record<string, string | null>>;
  };
}

export interface MetricDeclaration {
  /** Lower case, digits and underscores; unique in its dataset together with `version`. */
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  /** `events`, `users`, `seconds`, `currency`, `ratio`, … shown, never computed with. */
  readonly unit: string;
  /** Raised when the meaning changes. */
  readonly version: number;
  /** Default `events`. */
  readonly dataset?: string;
  readonly where?: Condition;
  readonly reducer: AnyReducer;
  /** Grouping sets beside the total. */
  readonly by?: readonly (readonly Path[])[];
  /** Values kept per grouping set, tenant and day. Default the reducer's own, else 1,000. */
  readonly limit?: number;
  /** What a heal's values must keep to. */
  readonly expect?: Expectation;
  readonly examples: readonly MetricExample[];
}

export interface Metric
  extends Required<Omit<MetricDeclaration, "where" | "description" | "expect">> {
  readonly where: Condition | undefined;
  readonly description: string | undefined;
  readonly expect: Expectation | undefined;
  /** All grouping sets; sets[0] is the total, []. Rows carry the index into this list. */
  readonly sets: readonly (readonly Path[])[];
  readonly fingerprint: Fingerprint;
}

export const DEFAULT_GROUP_LIMIT = 1000;
export const DEFAULT_DATASET = "events";
const NAME = /^[a-z][a-z0-9_]{0,63}$/;

const invalid = (name: string, rule: string): TandemError =>
  new TandemError("metric_invalid", {
    message: `metric ${name}: ${rule}`,
    details: { name, rule },
  });

/** Declares a metric. Throws `metric_invalid` naming the rule that is broken. */
export function metric(d: MetricDeclaration): Metric {
  if (!NAME.test(d.name)) throw invalid(d.name, "name must match [a-z][a-z0-9_]{0,63}");
  if (!Number.isInteger(d.version) || d.version < 1)
    throw invalid(d.name, "version must be 1 or more");
  const by = d.by ?? [];
  const seen = new Set(["[]"]);
  for (const set of by) {
    if (set.length === 0)
      throw invalid(d.name, "a grouping set needs a dimension; the total is always kept");
    if (new Set(set).size !== set.length)
      throw invalid(d.name, `grouping set ${set.join(", ")} repeats a dimension`);
    const key = JSON.stringify([...set].sort());
    if (seen.has(key)) throw invalid(d.name, `grouping set ${set.join(", ")} stands twice`);
    seen.add(key);
  }
  const limit = d.limit ?? d.reducer.keeps ?? DEFAULT_GROUP_LIMIT;
  if (!Number.isInteger(limit) || limit < 1) throw invalid(d.name, "limit must be 1 or more");
  const broken = d.expect && brokenExpectation(d.expect);
  if (broken) throw invalid(d.name, broken);
  const dims = [...new Set(by.flat())];
  const reducer = d.reducer.inside ? d.reducer.inside(dims) : d.reducer;
  const sets: readonly (readonly Path[])[] = [[], ...by];
  const whole = {
    name: d.name,
    title: d.title,
    description: d.description,
    unit: d.unit,
    version: d.version,
    dataset: d.dataset ?? DEFAULT_DATASET,
    where: d.where,
    reducer,
    by,
    limit,
    expect: d.expect,
    examples: d.examples,
    sets,
  };
  return Object.freeze({ ...whole, fingerprint: fingerprintOf(whole) });
}

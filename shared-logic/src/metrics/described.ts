// A metric as plain data, kept beside its runs: what their rows mean stays known after the metric's file was
// edited or deleted. Of one fingerprint there is one description.
import type { AnyReducer, Json } from "../algebra/reducer.ts";
import { count } from "../reducers/count.ts";
import { max } from "../reducers/max.ts";
import { mean } from "../reducers/mean.ts";
import { min } from "../reducers/min.ts";
import { sum } from "../reducers/sum.ts";
import type { StoredGrain } from "../time/calendar.ts";
import type { Fingerprint } from "./fingerprint.ts";
import { canonicalJson } from "./fingerprint-of.ts";
import type { Metric } from "./metric.ts";
import type { Condition, Path, Selector } from "./selector.ts";

export interface MetricDescription {
  readonly fingerprint: Fingerprint;
  readonly name: string;
  readonly version: number;
  readonly where: Condition | null;
  readonly spec: AnyReducer["spec"];
  readonly selects: readonly Selector[];
  readonly grains: readonly StoredGrain[];
  readonly additive: boolean;
  readonly sets: readonly (readonly Path[])[];
  readonly limit: number;
}

export const metricKey = (dataset: string, fp: Fingerprint): string =>
  `metrics/${dataset}/${fp}.json`;

export function describeMetric(m: Metric): MetricDescription {
  const { fingerprint, name, version, sets, limit, reducer } = m;
  const { spec, selects, grains, additive } = reducer;
  const where = m.where ?? null;
  return { fingerprint, name, version, where, spec, selects, grains, additive, sets, limit };
}

/** Equal for equal fingerprints. */
export const descriptionText = (m: Metric): string =>
  canonicalJson(describeMetric(m) as unknown as Json);

/** The reducer of a described metric whose values are made from its states; undefined where it is no built-in. */
export function additiveReducer(d: MetricDescription): AnyReducer | undefined {
  const { grains } = d;
  if (d.spec.kind === "count") return count({ grains });
  const selector = d.selects[0];
  if (!selector) return undefined;
  switch (d.spec.kind) {
    case "sum":
      return sum(selector, { grains });
    case "min":
      return min(selector, { grains });
    case "max":
      return max(selector, { grains });
    case "mean":
      return mean(selector, { grains, digits: Number(d.spec["digits"]) });
    default:
      return undefined;
  }
}

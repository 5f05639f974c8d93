// A metric as the catalogue shows it: what it is called, what can be asked of it and how exact it is.
import type { Grain, Metric } from "@tandem/shared-logic";
import { grainsOf } from "./query/parse-query.ts";

export interface CatalogueVersion {
  readonly version: number;
  /** It answers to the bare name. */
  readonly visible: boolean;
  /** Days with a run, of those that should have one. */
  readonly days_done: number;
  readonly days_wanted: number;
}

export interface CatalogueEntry {
  readonly name: string;
  readonly title: string;
  readonly description: string | null;
  readonly unit: string;
  /** The one that answers to the name, and that the rest of the entry is about. */
  readonly version: number;
  /** All that are loaded; each answers to `name@version`. */
  readonly versions: readonly CatalogueVersion[];
  /** Grains it can be asked at, finest first. */
  readonly grains: readonly Grain[];
  /** Grouping sets beside the total. */
  readonly by: readonly (readonly string[])[];
  readonly reducer: string;
  /** A dimension that the metric makes itself (steps, days of return), with its values in order. */
  readonly lists?: {
    readonly by: string;
    readonly values: readonly string[];
    /** What the values are called, as the metric's declaration has it: a funnel's steps. */
    readonly labels?: readonly string[];
  };
  /** `always`, or `batch`: exact where batch has everything, an interval elsewhere. */
  readonly exact: "always" | "batch";
  readonly examples: readonly string[];
}

export const catalogueEntry = (
  m: Metric,
  versions: readonly CatalogueVersion[],
): CatalogueEntry => ({
  name: m.name,
  title: m.title,
  description: m.description ?? null,
  unit: m.unit,
  version: m.version,
  versions,
  grains: grainsOf(m),
  by: m.by,
  reducer: m.reducer.spec.kind,
  ...listsOf(m),
  exact: m.reducer.additive ? "always" : "batch",
  examples: m.examples.map((e) => e.title),
});

function listsOf({ reducer: { lists } }: Metric): Pick<CatalogueEntry, "lists"> {
  if (!lists) return {};
  const { path: by, keys: values, labels } = lists;
  return { lists: { by, values, ...(labels ? { labels } : {}) } };
}

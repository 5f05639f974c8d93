// The paths of an event that a metric reads.
import type { Metric } from "../metrics/metric.ts";
import { pathsOfCondition, pathsOfSelector } from "../metrics/selector.ts";
import { isMade } from "./made-fields.ts";

/** The paths a metric needs beside the header columns: what producers of columns are asked for. */
export const fieldsOf = (metric: Metric): string[] => readsOf(metric).filter((p) => !isMade(p));

/** What producers of columns are asked for to fold these metrics together. */
export const fieldsOfAll = (metrics: readonly Metric[]): string[] => [
  ...new Set(["tenant", ...metrics.flatMap(fieldsOf)]),
];

/** Every path that moves a metric's numbers, those that the fold itself makes among them. */
export function readsOf(metric: Metric): string[] {
  // Dimensions inside the state are selected by the reducer, but for those it makes itself.
  const dims = metric.reducer.inside ? [] : metric.sets.flat();
  const paths = new Set<string>(["tenant", ...dims]);
  for (const s of metric.reducer.selects) for (const p of pathsOfSelector(s)) paths.add(p);
  if (metric.where) for (const p of pathsOfCondition(metric.where)) paths.add(p);
  return [...paths];
}

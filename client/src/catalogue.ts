// What `GET /metrics` says of each metric.

export interface MetricVersion {
  readonly version: number;
  readonly visible: boolean;
  readonly days_done: number;
  readonly days_wanted: number;
}

export interface MetricEntry {
  readonly name: string;
  readonly title: string;
  readonly description: string | null;
  readonly unit: string;
  /** The one that answers to the bare name. */
  readonly version: number;
  readonly versions: readonly MetricVersion[];
  readonly grains: readonly string[];
  /** The grouping sets: what `by` and `where` together make up. */
  readonly by: readonly (readonly string[])[];
  readonly reducer: string;
  readonly exact: "always" | "batch";
  readonly examples: readonly string[];
}

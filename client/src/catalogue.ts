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
  /** A dimension that the metric makes itself (steps, days of return), with its values in order. */
  readonly lists?: {
    readonly by: string;
    readonly values: readonly string[];
    /** What the values are called: a funnel's steps. */
    readonly labels?: readonly string[];
  };
  readonly exact: "always" | "batch";
  readonly examples: readonly string[];
}

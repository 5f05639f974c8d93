// What the SQL of a reducer over users is asked for, and what it gives.
import type { Path } from "@tandem/shared-logic";
import type { Fields } from "./fields.ts";
import type { Spec } from "./spec.ts";
import type { Cte } from "./text.ts";

/** Columns: tenant, window_start, dims, amount (where it is a mean), item (where it is a list). */
export interface Occurrences {
  readonly ctes: readonly Cte[];
  readonly answer:
    | { readonly kind: "total" }
    | { readonly kind: "mean"; readonly amountScale: number; readonly digits: number }
    | { readonly kind: "quantile"; readonly amountScale: number; readonly q: number };
  readonly list?: { readonly path: Path; readonly headline: string };
}

export interface PerUserQuestion {
  readonly shape: Spec;
  /** All dimensions of events in the metric's grouping sets, as columns of `chosen`. */
  readonly dims: readonly string[];
  readonly fields: Fields;
}

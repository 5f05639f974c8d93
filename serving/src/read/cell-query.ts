// A query with what decides which cells are read.
import type { GroupUnion } from "@tandem/shared-logic";
import type { Query } from "../query/query.ts";

export interface CellQuery extends Query {
  readonly tenant: string;
  /** Groups to read; undefined: all. `(other)` is among them, as it may hold any of them. */
  readonly groups: readonly string[] | undefined;
  /** Groups that are merged: states of every window are read, exact ones are merged where it pays. */
  readonly union?: Union;
}

export interface Union {
  readonly of: GroupUnion;
  /** Equal texts, equal unions. */
  readonly text: string;
  /** Exact states are merged by it; else it is applied after reading. */
  readonly merges: boolean;
}

// The condition that leaves rows out which whoever asks has already: those at or below `above`, by partition.
import type { SpeedQuery } from "@tandem/shared-logic";

/** Each row is compared with each of them; with more of them all rows are read. */
const MOST = 8;

export interface FlushedAbove {
  /** To follow a condition, with parameters behind all that are there. */
  readonly sql: string;
  readonly values: readonly number[];
}

const ALL: FlushedAbove = { sql: "", values: [] };

export function flushedAbove({ above }: Pick<SpeedQuery, "above">): FlushedAbove {
  if (above === undefined) return ALL;
  const wanted = [...above.entries()].filter(([, to]) => to < Number.POSITIVE_INFINITY);
  if (wanted.length > MOST) return ALL;
  const any = ["partition >= ?", ...wanted.map(() => `partition = ? AND "to" > ?`)];
  return { sql: ` AND (${any.join(" OR ")})`, values: [above.length, ...wanted.flat()] };
}

// Which partitions to read of speed rows: each is a seek of its own, as partitions come first in the table's key.
// Of those that whoever asks has rows of already, only what lies above them, or nothing.
import type { SpeedQuery } from "@tandem/shared-logic";

/**
 * `partitions(number, above)`, with the parameters of `soughtPartitions` as ?4 and ?5. Those from ?4 on are found one
 * seek each: what is in the table counts, as rows may be there before their partition has a position.
 */
export const PARTITION_SEEK = `
  later(number) AS (
    SELECT min(partition) FROM speed WHERE partition >= ?4
    UNION ALL
    SELECT (SELECT min(partition) FROM speed WHERE partition > later.number)
    FROM later WHERE later.number IS NOT NULL),
  partitions(number, above) AS (
    SELECT number, -1 FROM later WHERE number IS NOT NULL
    UNION ALL
    SELECT value ->> 0, value ->> 1 FROM json_each(?5))`;

export function soughtPartitions({ above }: Pick<SpeedQuery, "above">): readonly [number, string] {
  if (above === undefined) return [0, "[]"];
  const moved = [...above.entries()].filter(([, to]) => to < Number.POSITIVE_INFINITY);
  return [above.length, JSON.stringify(moved)];
}

// Everything accepted before this moment is in the answer: the minimum over partitions. One that has
// reached the log's end is as fresh as the moment the end was asked for; null where one has nothing yet.
import type { EpochMs, Position } from "@tandem/shared-logic";
import type { LogEnds } from "../read/log-ends.ts";

export function freshnessOf(
  positions: readonly (Position | undefined)[],
  { at, ends }: LogEnds,
): EpochMs | undefined {
  let least: EpochMs | undefined;
  for (const [p, position] of positions.entries()) {
    if (position === undefined) return undefined;
    const end = ends[p];
    const asOf = end !== undefined && position.to >= end ? at : position.asOf;
    // A partition without a record has no clock of its own.
    if (asOf <= 0) return undefined;
    if (least === undefined || asOf < least) least = asOf;
  }
  return least;
}

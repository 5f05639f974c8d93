// The order of a breakdown's groups, and which come first: by their value over the whole range, of states merged
// over it. Where part of the range is missing there is no such value; the largest of a window ranks then.
import {
  compareDecimal,
  type Decimal,
  type GroupPoint,
  OTHER_GROUP,
  type WindowPoints,
} from "@tandem/shared-logic";
import type { Order } from "../query/demands.ts";

/** Without `(other)`, which stands last whatever the order. */
export function orderGroups(
  order: Order,
  rank: readonly WindowPoints[],
  points: readonly WindowPoints[],
): string[] {
  const of = rank.some((w) => w.points.length > 0) ? rank : points;
  const values = new Map<string, Decimal | null>();
  for (const { group, estimate } of of.flatMap((w): readonly GroupPoint[] => w.points)) {
    if (group === OTHER_GROUP) continue;
    const known = values.get(group) ?? null;
    const { value } = estimate;
    const larger = known === null || (value !== null && compareDecimal(value, known) > 0);
    values.set(group, larger ? value : known);
  }
  const names = [...values.keys()].sort();
  if (order === "name") return names;
  if (order === "-name") return names.reverse();
  const sign = order === "value" ? 1 : -1;
  return names.sort((a, b) => {
    const [x, y] = [values.get(a) ?? null, values.get(b) ?? null];
    // What has no value stands behind what has one.
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * compareDecimal(x, y);
  });
}

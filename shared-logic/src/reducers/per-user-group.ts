// Which group an occurrence belongs to, where its dimensions stand inside the state.
import { groupText } from "../metrics/group.ts";

/** From the values of all dimensions inside to the canonical group text over `by`. */
export function groupOf(
  dims: readonly string[],
  by: readonly string[],
): (values: readonly (string | null)[]) => string {
  const at = by.map((dim) => {
    const index = dims.indexOf(dim);
    if (index < 0) throw new RangeError(`${dim} is not a dimension inside this state`);
    return index;
  });
  return (values) => groupText(at.map((index) => values[index] ?? null));
}

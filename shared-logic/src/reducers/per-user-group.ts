// Which group an occurrence belongs to, where its dimensions stand inside the state.
import { getOrMake } from "../collections/get-or-make.ts";
import { groupText } from "../metrics/group.ts";

interface Level {
  readonly next: Map<string | null, Level>;
  text?: string;
}
const emptyLevel = (): Level => ({ next: new Map() });

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
  // By the values' own texts: most occurrences have those of one before.
  const known: Level = { next: new Map() };
  return (values) => {
    let level = known;
    for (const index of at) level = getOrMake(level.next, values[index] ?? null, emptyLevel);
    level.text ??= groupText(at.map((index) => values[index] ?? null));
    return level.text;
  };
}

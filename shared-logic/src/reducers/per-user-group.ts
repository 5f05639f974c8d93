// Which group an occurrence belongs to, where its dimensions stand inside the state.
import { getOrMake } from "../collections/get-or-make.ts";
import { groupText, TOTAL_GROUP } from "../metrics/group.ts";
import type { Listed } from "./per-user-shape.ts";

/** Undefined: not counted there. */
export type GroupOf = (values: readonly (string | null)[], key?: string) => string | undefined;

/** Stands for the key in a list among the indexes of dimensions. */
const KEY = -1;

interface Level {
  readonly next: Map<string | null, Level>;
  text?: string;
}
const emptyLevel = (): Level => ({ next: new Map() });

/** From the values of all dimensions inside, and the key in a list, to the canonical group text over `by`. */
export function groupOf(
  dims: readonly string[],
  by: readonly string[],
  listed: Listed | undefined,
): GroupOf {
  const headline = listed?.headline;
  if (by.length === 0) return (_, key) => (key === headline ? TOTAL_GROUP : undefined);
  const at = by.map((dim) => {
    if (dim === listed?.path) return KEY;
    const index = dims.indexOf(dim);
    if (index < 0) throw new RangeError(`${dim} is not a dimension inside this state`);
    return index;
  });
  const every = listed === undefined || at.includes(KEY);
  // By the values' own texts: most occurrences have those of one before.
  const known: Level = { next: new Map() };
  return (values, key) => {
    if (!every && key !== headline) return undefined;
    const value = (index: number) => (index === KEY ? key : values[index]) ?? null;
    let level = known;
    for (const index of at) level = getOrMake(level.next, value(index), emptyLevel);
    level.text ??= groupText(at.map(value));
    return level.text;
  };
}

/** Groups that are there even where nobody is in them. */
export const groupsOf = (by: readonly string[], listed: Listed | undefined): string[] =>
  by.length === 0
    ? [TOTAL_GROUP]
    : listed !== undefined && by.length === 1 && by[0] === listed.path
      ? listed.keys.map((key) => groupText([key]))
      : [];

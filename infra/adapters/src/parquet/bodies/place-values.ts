// Which columns hold the values of which group of scalars. The largest groups come first; groups that never
// stand in one body may share a column, and what finds none stays in the shape.

import { VALUE_COLUMNS } from "./marks.ts";
import type { Decision, ScalarValues } from "./scalar-values.ts";

export interface Place {
  /** Undefined where the value stands in the shape itself. */
  readonly column?: number;
  /** Of the digits behind it, where the value is split. */
  readonly digits?: number;
  /** In the shape, and not the same in all rows. */
  readonly varies: boolean;
}

export interface Placed {
  readonly places: readonly Place[];
  /** By column: true where a dictionary is to be tried. */
  readonly dictionary: readonly boolean[];
}

/** `bodies`: the groups that stand in one body together, for each skeleton. */
export function placeValues(
  values: readonly ScalarValues[],
  bytes: Uint8Array,
  bodies: readonly Int32Array[],
): Placed {
  const decisions: Decision[] = values.map((v) =>
    v.count === 0 ? { constant: true, dictionary: true, split: false } : v.decide(bytes),
  );
  const places: Place[] = values.map(() => ({ varies: false }));
  const users: Set<number>[] = [];
  const dictionary: boolean[] = [];
  const take = (group: number, asDictionary: boolean): number | undefined => {
    let column: number | undefined = users.length;
    if (column === VALUE_COLUMNS) {
      const near = new Set(bodies.filter((b) => b.includes(group)).flatMap((b) => [...b]));
      column = users.findIndex((there) => ![...there].some((g) => near.has(g)));
      if (column < 0) return undefined;
    }
    users[column] ??= new Set();
    users[column]?.add(group);
    dictionary[column] = (dictionary[column] ?? true) && asDictionary;
    return column;
  };
  const varying = [...values.keys()].filter((g) => !decisions[g]!.constant);
  varying.sort((a, b) => values[b]!.sizeBytes - values[a]!.sizeBytes || a - b);
  for (const group of varying) {
    const { split, dictionary: isFew } = decisions[group]!;
    const column = take(group, isFew || (split && users.length + 1 < VALUE_COLUMNS));
    if (column === undefined) {
      places[group] = { varies: true };
      continue;
    }
    // A second column is taken only where nobody else has to go without one for it.
    const isRoom = split && dictionary[column] === true && users.length < VALUE_COLUMNS;
    const digits = isRoom ? take(group, false) : undefined;
    places[group] = { column, varies: false, ...(digits === undefined ? {} : { digits }) };
  }
  return { places, dictionary };
}

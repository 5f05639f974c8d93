// Which rows of a batch a condition holds for. `in` is decided by dictionary code: the wanted texts get
// codes of the column's interner, rows compare numbers. A path without text (absent, null, an object or
// an array) is `in` nothing; `exists` where any value but null stands. Rows that are no events are noise.
import {
  type EventColumns,
  FIELD_ABSENT,
  FIELD_NULL,
  type FieldColumn,
} from "../events/event-columns.ts";
import type { Condition } from "../metrics/selector.ts";

/** 1 or 0 for each row in [0, columns.count), freshly allocated. */
export function conditionMask(
  condition: Condition,
  columns: EventColumns,
): Uint8Array<ArrayBuffer> {
  switch (condition.op) {
    case "in":
      return inMask(columns.field(condition.path), condition.values, columns.count);
    case "exists":
      return existsMask(columns.field(condition.path).kinds, columns.count);
    case "and": {
      const mask = new Uint8Array(columns.count).fill(1);
      for (const c of condition.all) {
        const other = conditionMask(c, columns);
        for (let row = 0; row < mask.length; row++) mask[row]! &= other[row]!;
      }
      return mask;
    }
    case "or": {
      const mask = new Uint8Array(columns.count);
      for (const c of condition.any) {
        const other = conditionMask(c, columns);
        for (let row = 0; row < mask.length; row++) mask[row]! |= other[row]!;
      }
      return mask;
    }
    case "not": {
      const mask = conditionMask(condition.condition, columns);
      for (let row = 0; row < mask.length; row++) mask[row]! ^= 1;
      return mask;
    }
  }
}

/** Above this many values a set of codes is asked instead of each code. */
const FEW = 8;

function inMask(
  field: FieldColumn,
  values: readonly string[],
  count: number,
): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(count);
  const codes = field.codes();
  const wanted = values.map((value) => field.interner.internText(value));
  if (wanted.length > FEW) {
    const set = new Set(wanted);
    for (let row = 0; row < count; row++) if (set.has(codes[row]!)) mask[row] = 1;
    return mask;
  }
  for (const code of wanted) {
    for (let row = 0; row < count; row++) if (codes[row] === code) mask[row] = 1;
  }
  return mask;
}

function existsMask(kinds: Uint8Array, count: number): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    const kind = kinds[row]!;
    if (kind !== FIELD_ABSENT && kind !== FIELD_NULL) mask[row] = 1;
  }
  return mask;
}

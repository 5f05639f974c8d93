// Whole units read off columns: what sum, min, max and mean fold. A decimal selector gives units of
// 10^-scale; a flag gives 1 where its condition holds and 0 elsewhere, and is never skipped.
import {
  DECIMAL_BIG,
  DECIMAL_OK,
  type DecimalColumn,
  type EventColumns,
} from "../events/event-columns.ts";
import { conditionMask } from "../fold/condition-mask.ts";
import type { Selector } from "../metrics/selector.ts";

const NONE_BIG: ReadonlyMap<number, bigint> = new Map();

/** The digits after the point of a selector's values. A RangeError where it has no such values. */
export function scaleOf(selector: Selector): number {
  if (selector.select === "flag") return 0;
  if (selector.select === "text") throw new RangeError(`${selector.path} is selected as text`);
  const { scale } = selector;
  if (!Number.isInteger(scale) || scale < 0 || scale > 18) throw new RangeError(`scale ${scale}`);
  return scale;
}

export function unitsColumn(selector: Selector, columns: EventColumns): DecimalColumn {
  if (selector.select === "flag") {
    const mask = conditionMask(selector.condition, columns);
    return { units: Float64Array.from(mask), status: new Uint8Array(mask.length), big: NONE_BIG };
  }
  if (selector.select === "text") throw new RangeError(`${selector.path} is selected as text`);
  return columns.field(selector.path).decimals(selector.scale);
}

/** The items of sum, min, max and mean: units, undefined where they are missing or do not fit. */
export const unitsItems =
  (selector: Selector) =>
  (columns: EventColumns): ((row: number) => bigint | undefined) => {
    const { units, status, big } = unitsColumn(selector, columns);
    return (row) => {
      if (status[row] === DECIMAL_OK) return BigInt(units[row]!);
      return status[row] === DECIMAL_BIG ? big.get(row) : undefined;
    };
  };

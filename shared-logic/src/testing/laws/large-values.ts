// Items at the edge of what a double holds, made for a reducer's own decimal selectors: a sum kept in
// floats comes out differently in another order, an exact one does not.
import type { AnyReducer } from "../../algebra/reducer.ts";
import type { Path } from "../../metrics/selector.ts";
import { columnsOf, type PlainEvent } from "../columns-of.ts";

const UNITS = [
  2n ** 53n,
  1n,
  1n,
  1n,
  -(2n ** 53n),
  2n ** 53n - 1n,
  10n ** 18n + 1n,
  -(10n ** 18n),
  3n,
];

function eventWith(path: Path, value: bigint): PlainEvent {
  const steps = path.split(".");
  let at: unknown = value;
  for (let i = steps.length - 1; i >= 0; i--) at = { [steps[i] ?? ""]: at };
  return at as PlainEvent;
}

/** Items whose decimals are huge and tiny; none where the reducer selects no decimal. */
export function largeItems(reducer: AnyReducer): unknown[] {
  const selector = reducer.selects.find((s) => s.select === "decimal");
  if (selector === undefined) return [];
  const columns = columnsOf(UNITS.map((units) => eventWith(selector.path, units)));
  const itemOf = reducer.items(columns);
  return UNITS.map((_, row) => itemOf(row)).filter((item) => item !== undefined);
}

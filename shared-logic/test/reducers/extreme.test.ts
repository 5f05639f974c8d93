import { test } from "node:test";
import { decimal } from "../../src/metrics/selector.ts";
import { max } from "../../src/reducers/max.ts";
import { min } from "../../src/reducers/min.ts";
import { reducerLaws } from "../../src/testing/reducer-laws.ts";
import { forbidAmbient } from "../testing/forbid-ambient.ts";
import { purchase, units } from "./purchases.ts";

const price = decimal("properties.price", { scale: 3 });
const sorted = (items: readonly bigint[]) => [...items].sort((a, b) => (a < b ? -1 : 1));
const shown = (value: bigint | undefined) =>
  value === undefined ? null : { units: value, scale: 3 };

reducerLaws({ test }, min(price), {
  items: units,
  events: purchase(),
  guard: forbidAmbient,
  truth: (items) => shown(sorted(items)[0]),
});
reducerLaws({ test }, max(price), {
  items: units,
  events: purchase(),
  guard: forbidAmbient,
  truth: (items) => shown(sorted(items).at(-1)),
});

import { test } from "node:test";
import { decimalOf } from "../../src/algebra/decimal.ts";
import { count } from "../../src/reducers/count.ts";
import { reducerLaws } from "../../src/testing/reducer-laws.ts";
import { forbidAmbient } from "../testing/forbid-ambient.ts";
import { purchase } from "./purchases.ts";

reducerLaws({ test }, count(), {
  items: () => null,
  events: purchase(),
  guard: forbidAmbient,
  truth: (items) => decimalOf(items.length),
});

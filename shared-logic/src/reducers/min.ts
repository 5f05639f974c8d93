// The smallest value; null where no event has one.
import type { Reducer } from "../algebra/reducer.ts";
import type { Selector } from "../metrics/selector.ts";
import type { GrainOption } from "./additive.ts";
import { type Extreme, extreme } from "./extreme.ts";

export const min = (
  selector: Selector,
  options: GrainOption = {},
): Reducer<bigint, Extreme, Extreme> => extreme("min", selector, options);

// A user's marked events, as funnels keep them: ascending by time, marks and dimensions, each once.
import { compareDims, compareMarks, markedSet } from "./marked-set.ts";

/** A change of it changes what is stored. */
export const MINUTE_KEEPS = 16;

export const {
  union: unionMarked,
  write: writeMarked,
  read: readMarked,
} = markedSet({
  keeps: MINUTE_KEEPS,
  order: (a, b) => compareMarks(a, b) || compareDims(a, b),
  one: (a) => a,
});

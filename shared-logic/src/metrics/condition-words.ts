// A condition in words, for people: what the steps of a funnel are called.
import type { Condition } from "./selector.ts";

export function conditionWords(c: Condition): string {
  switch (c.op) {
    case "in": {
      const values = c.values.join(" or ");
      return c.path === "event_type" ? values : `${c.path} ${values}`;
    }
    case "exists":
      return `${c.path} given`;
    case "and":
      return c.all.map((part) => inner(part, "or")).join(", ");
    case "or":
      return c.any.map((part) => inner(part, "and")).join(" or ");
    case "not":
      return `not (${conditionWords(c.condition)})`;
  }
}

const inner = (c: Condition, apart: Condition["op"]): string =>
  c.op === apart ? `(${conditionWords(c)})` : conditionWords(c);

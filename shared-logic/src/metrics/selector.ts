// Selectors and conditions as data. Because a metric names what it reads instead of reading it, the
// columns to load, lineage, the scanner's fields and a SQL oracle all follow from the declaration.
//
// A path is `event_type`, `user` (user_id ?? anonymous_id, tagged by kind), `event_id`, `session_id`,
// `version`, or a dotted way into `properties` or `context`. A path's *text* is a string as it is, a
// number or boolean as its JSON text; null, absent, an object and an array have none.
// `arrival` and `copy` are made when events are folded (fold/made-fields.ts).

export type Path = string;

export type Condition =
  | { readonly op: "in"; readonly path: Path; readonly values: readonly string[] }
  | { readonly op: "exists"; readonly path: Path }
  | { readonly op: "and"; readonly all: readonly Condition[] }
  | { readonly op: "or"; readonly any: readonly Condition[] }
  | { readonly op: "not"; readonly condition: Condition };

export type Selector =
  /** A number with at most `scale` digits after the point, as units of 10^-scale. */
  | { readonly select: "decimal"; readonly path: Path; readonly scale: number }
  /** The path's text. */
  | { readonly select: "text"; readonly path: Path }
  /** 1 where the condition holds, else 0; never skipped. */
  | { readonly select: "flag"; readonly condition: Condition };

/** The event's type is one of `types`. */
export const eventType = (...types: string[]): Condition => ({
  op: "in",
  path: "event_type",
  values: [...types].sort(),
});
/** The path's text is one of `values`. */
export const isIn = (path: Path, ...values: string[]): Condition => ({
  op: "in",
  path,
  values: [...values].sort(),
});
export const exists = (path: Path): Condition => ({ op: "exists", path });
export const and = (...all: Condition[]): Condition => ({ op: "and", all });
export const or = (...any: Condition[]): Condition => ({ op: "or", any });
export const not = (condition: Condition): Condition => ({ op: "not", condition });

export const decimal = (path: Path, options: { readonly scale: number }): Selector => ({
  select: "decimal",
  path,
  scale: options.scale,
});
export const text = (path: Path): Selector => ({ select: "text", path });
export const user = (): Selector => ({ select: "text", path: "user" });
export const flag = (condition: Condition): Selector => ({ select: "flag", condition });

/** Every path a condition reads. */
export function pathsOfCondition(c: Condition): Path[] {
  switch (c.op) {
    case "in":
    case "exists":
      return [c.path];
    case "and":
      return c.all.flatMap(pathsOfCondition);
    case "or":
      return c.any.flatMap(pathsOfCondition);
    case "not":
      return pathsOfCondition(c.condition);
  }
}

/** Every path a selector reads. */
export const pathsOfSelector = (s: Selector): Path[] =>
  s.select === "flag" ? pathsOfCondition(s.condition) : [s.path];

// Which grouping set `by` and `where` make up, in any order. Only declared sets are kept, so only they
// can be asked.
import type { Metric } from "@tandem/shared-logic";
import { BadQuery } from "./problem.ts";
import { dimsOf, fixedValues, NONE, parseWhere, type Where, WhereProblem } from "./where.ts";

export interface Grouping {
  readonly by: readonly string[];
  /** Dimension -> value; empty where `filter` is there. */
  readonly where: ReadonlyMap<string, string | null>;
  /** A condition that is more than one value for each of its dimensions. */
  readonly filter?: Where;
  readonly set: number;
}

export function groupingOf(
  metric: Metric,
  by: readonly string[],
  where: readonly (readonly [name: string, text: string])[],
): Grouping {
  const dims = [...new Set(metric.by.flat())];
  const choices = metric.by.map((set) => set.join(","));
  const sets =
    choices.length > 0 ? choices : ["no by and no where: the metric has no grouping sets"];
  for (const dim of by) {
    if (!dims.includes(dim)) throw new BadQuery("by", "a declared dimension", dim, sets);
  }
  const repeated = by.find((dim, i) => by.indexOf(dim) !== i);
  if (repeated !== undefined) throw new BadQuery("by", "every dimension once", repeated, sets);
  const conditions = where.map(([name, text]) => conditionOf(dims, name, text));
  const condition: Where | undefined =
    conditions.length > 1 ? { kind: "and", of: conditions.flatMap(flat) } : conditions[0];
  const fixed = condition && fixedValues(condition);
  if (condition && !fixed) refuseContradiction(condition);
  const asked = new Set([...by, ...(condition ? dimsOf(condition) : [])]);
  const set = metric.sets.findIndex((s) => s.length === asked.size && s.every((d) => asked.has(d)));
  if (set < 0) {
    const expected = "by and where together make up a declared grouping set";
    throw new BadQuery(condition ? "where" : "by", expected, [...asked].join(","), sets);
  }
  if (!condition || fixed) return { by, where: fixed ?? new Map(), set };
  if (metric.reducer.inside && by.length < asked.size)
    throw new BadQuery(
      "where",
      `one value for each dimension, as groups of ${metric.name} overlap and it keeps them per user; or by with all of them`,
      where.map(([, text]) => text).join(" and "),
      [`by=${[...asked].join(",")}`, ...dimsOf(condition).map((d) => `where=${d}=VALUE`)],
    );
  return { by, where: new Map(), filter: condition, set };
}

const flat = (where: Where): readonly Where[] => (where.kind === "and" ? where.of : [where]);

function conditionOf(dims: readonly string[], name: string, text: string): Where {
  const would =
    dims.length > 0 ? dims.map((d) => `${d}=VALUE`) : ["no where: the metric has no dimensions"];
  if (name !== "where") {
    const dim = name.slice("where.".length);
    if (!dims.includes(dim))
      throw new BadQuery("where", "DIM=VALUE with a declared dimension", name, would);
    return { kind: "is", dim, values: [text === NONE ? null : text] };
  }
  try {
    return parseWhere(text, dims);
  } catch (error) {
    if (!(error instanceof WhereProblem)) throw error;
    const got = `${text.slice(0, 150)} (at character ${error.at + 1})`;
    throw new BadQuery("where", error.expected, got, would);
  }
}

/** Two values of one dimension at once: it is meant otherwise. */
function refuseContradiction(where: Where): void {
  const seen = new Set<string>();
  for (const part of flat(where)) {
    if (part.kind !== "is" || part.values.length > 1) continue;
    if (seen.has(part.dim)) {
      const would = [`by=${part.dim}`, `${part.dim} in (VALUE, VALUE)`];
      throw new BadQuery("where", "one value per dimension, or in (…)", part.dim, would);
    }
    seen.add(part.dim);
  }
}

// Which grouping set `by` and `where` make up, in any order. Only declared sets are kept, so only they
// can be asked.
import type { Metric } from "@tandem/shared-logic";
import { BadQuery } from "./query.ts";

export interface Grouping {
  readonly by: readonly string[];
  readonly where: ReadonlyMap<string, string | null>;
  readonly set: number;
}

/** How a value that is absent is asked for in `where`. */
export const NONE = "(none)";

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
  const values = new Map<string, string | null>();
  for (const [name, text] of where) {
    const [dim, value] = name === "where" ? condition(dims, text) : [name.slice(6), text];
    if (dim === undefined || !dims.includes(dim)) {
      const got = name === "where" ? text : name;
      throw new BadQuery(
        "where",
        "DIM=VALUE with a declared dimension",
        got,
        dims.map((d) => `${d}=VALUE`),
      );
    }
    if (values.has(dim)) throw new BadQuery("where", "one value per dimension", dim, [`by=${dim}`]);
    values.set(dim, value === NONE ? null : (value ?? ""));
  }
  const asked = new Set([...by, ...values.keys()]);
  const set = metric.sets.findIndex((s) => s.length === asked.size && s.every((d) => asked.has(d)));
  if (set < 0) {
    const parameter = values.size > 0 ? "where" : "by";
    const expected = "by and where together make up a declared grouping set";
    throw new BadQuery(parameter, expected, [...asked].join(","), sets);
  }
  return { by, where: values, set };
}

/** `DIM=VALUE` or `DIM:VALUE`; the longest dimension that fits, since paths are dotted text. */
function condition(dims: readonly string[], text: string): [string | undefined, string] {
  const fits = dims.filter((d) => text.startsWith(`${d}=`) || text.startsWith(`${d}:`));
  const dim = fits.sort((a, b) => b.length - a.length)[0];
  return [dim, text.slice((dim?.length ?? 0) + 1)];
}

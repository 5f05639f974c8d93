// Which metrics one request asks for.
import { many } from "./parameters.ts";
import { BadQuery, type QueryParams } from "./problem.ts";

export function metricNames(params: QueryParams, most: number): string[] {
  const names = many(params, "metrics")
    .flatMap((text) => text.split(","))
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const would = ["metrics=NAME,NAME"];
  if (names.length === 0) throw new BadQuery("metrics", "at least one name", "none", would);
  if (names.length > most)
    throw new BadQuery("metrics", `at most ${most} names`, `${names.length}`, would);
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined)
    throw new BadQuery("metrics", "every metric once", repeated, [[...new Set(names)].join(",")]);
  return names;
}

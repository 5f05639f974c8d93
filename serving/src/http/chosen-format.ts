// The format of an answer: by `format`, else by what Accept weighs most (RFC 9110, 12.5.1), else JSON.
import { FORMATS, type Format, MEDIA_TYPES } from "../answer/format/formats.ts";
import { BadQuery, type QueryParams } from "../query/problem.ts";

/** Undefined where Accept takes none of ours. */
export function chosenFormat(params: QueryParams, accept: string | undefined): Format | undefined {
  const given = params["format"];
  if (given !== undefined) {
    const found = FORMATS.find((f) => f === given);
    if (found === undefined)
      throw new BadQuery("format", `one of ${FORMATS.join(", ")}`, String(given), FORMATS);
    return found;
  }
  if (accept === undefined || accept.trim() === "") return "json";
  const ranges = accept
    .toLowerCase()
    .split(",")
    .slice(0, 50)
    .map((part) => {
      const [range = "", ...parameters] = part.split(";").map((t) => t.trim());
      const q = Number(parameters.find((p) => p.startsWith("q="))?.slice(2) ?? 1);
      return { range, q: Number.isFinite(q) ? q : 0 };
    });
  const weightOf = (format: Format): number => {
    const type = MEDIA_TYPES[format].split(";")[0] ?? "";
    const [family] = type.split("/");
    for (const range of [type, `${family}/*`, "*/*"]) {
      const found = ranges.find((r) => r.range === range);
      if (found) return found.q;
    }
    return 0;
  };
  const [best] = [...FORMATS].sort((a, b) => weightOf(b) - weightOf(a));
  return best !== undefined && weightOf(best) > 0 ? best : undefined;
}

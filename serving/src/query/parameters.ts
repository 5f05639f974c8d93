// The parameters of a question as schemas: the parser holds every given value to them, the OpenAPI document is
// made of them, and the command line takes the same. Shape only; what a metric has decides the rest.
import { z } from "zod";
import { BadQuery, type QueryParams } from "./problem.ts";

const one = (schema: z.ZodType<string>, description: string) => ({ schema, description });
const some = (schema: z.ZodType<string>, description: string) => ({
  schema,
  description,
  many: true,
});
const text = (longest = 4096) => z.string().max(longest);
const moment = text(64).min(1);

export interface ParameterSchema {
  readonly schema: z.ZodType<string>;
  readonly description: string;
  /** May be given several times. */
  readonly many?: boolean;
}

export const PARAMETER_SCHEMAS = {
  from: one(
    moment,
    "Start, inclusive: a day on the calendar of tz, or an ISO 8601 moment. Default: a day before until.",
  ),
  until: one(moment, "End, exclusive. Default: the end of the cell that is running now."),
  grain: one(
    z.enum(["minute", "hour", "day", "week", "month", "total"]),
    "Length of the windows; the first and last are cut to the range. Default: hour up to three days, day beyond.",
  ),
  by: some(
    text(),
    "Dimensions to group by, as a list with commas or given several times. With those of where they make up a declared grouping set.",
  ),
  where: some(
    text(),
    'A condition on dimensions: DIM=VALUE, DIM!=VALUE, DIM in (A, B), not, and, or, parentheses; "VALUE" in quotes where it holds such signs; (none) where the event has no value. Several are joined by and.',
  ),
  tz: one(text(64).min(1), "Time zone on whose clock windows begin. Default: UTC."),
  layer: one(
    z.enum(["both", "batch", "speed"]),
    "One layer alone, to compare; the answer is both by default.",
  ),
  asOf: one(
    text(128).min(1),
    "A run's id, or a moment: answer with the runs that were shown then, as far as they are kept; batch alone.",
  ),
  compare: one(
    z.enum(["previous_period", "previous_year"]),
    "The same windows a range, or a year, before on the calendar of tz, beside the answer.",
  ),
  limit: one(
    z.string().regex(/^[1-9]\d{0,3}$/),
    "Of a breakdown, the first so many groups by order; the others are one group, (rest), and total has all.",
  ),
  order: one(
    z.enum(["value", "-value", "name", "-name"]),
    "Order of the groups: by their value over the whole range or by name; - is descending. Default with limit: -value, else name.",
  ),
  cursor: one(
    z.string().regex(/^[A-Za-z0-9_-]{1,200}$/),
    "next of the page before, beside the same parameters: the groups that follow. Good for an hour.",
  ),
  consistency: one(
    z.enum(["sealed", "fresh"]),
    "sealed: only what batch has sealed, the rest is missing; fresh, the default: both layers.",
  ),
  max_staleness: one(
    z.string().regex(/^\d{1,9}(?:s|m|h|d)?$/),
    "Refuse (409) where freshness lies further back than this: seconds, or with s, m, h or d.",
  ),
  at_least: one(
    z.string().regex(/^r1(?:\.[0-9a-z]{1,4}-[0-9a-z]{1,11}){1,1024}\.[0-9a-z]{1,7}$/),
    "A receipt of POST /events: refuse (409) until its events are in the answer.",
  ),
  max_error: one(
    z.string().regex(/^(?:0(?:\.\d{1,9})?|1)$/),
    "Refuse (422) where an interval is further from its value than this share of it.",
  ),
} satisfies Record<string, ParameterSchema>;

export type ParameterName = keyof typeof PARAMETER_SCHEMAS;
export const PARAMETERS = Object.keys(PARAMETER_SCHEMAS) as readonly ParameterName[];

const EXAMPLES: Partial<Record<ParameterName, readonly string[]>> = {
  from: ["2019-10-01", "2019-10-01T12:00:00Z"],
  until: ["2019-10-01", "2019-10-01T12:00:00Z"],
  tz: ["UTC", "Europe/Berlin", "America/New_York"],
  limit: ["10"],
  cursor: ["no cursor, for the first page"],
  max_staleness: ["30s", "5m"],
  at_least: ["the receipt that POST /events answered with"],
  max_error: ["0.01", "0"],
};

/** Throws `BadQuery` for an unknown parameter, one given too often and one of another shape. */
export function checkShape(params: QueryParams, also: readonly string[] = []): void {
  for (const name of Object.keys(params)) {
    const known: ParameterSchema | undefined = Object.hasOwn(PARAMETER_SCHEMAS, name)
      ? PARAMETER_SCHEMAS[name as ParameterName]
      : name.startsWith("where.")
        ? PARAMETER_SCHEMAS.where
        : undefined;
    if (!known) {
      if (also.includes(name)) continue;
      throw new BadQuery(name.slice(0, 100), "a known parameter", name, [...also, ...PARAMETERS]);
    }
    const values = many(params, name);
    if (values.length > 1 && !known.many)
      throw new BadQuery(name, "one value", values.join(" and "), values.slice(0, 10).map(cut));
    for (const value of values) {
      if (typeof value === "string" && known.schema.safeParse(value).success) continue;
      const among = known.schema instanceof z.ZodEnum ? known.schema.options.map(String) : [];
      throw new BadQuery(
        name,
        among.length > 0 ? `one of ${among.join(", ")}` : shapeOf(known.schema),
        String(value),
        among.length > 0 ? among : (EXAMPLES[name as ParameterName] ?? ["a shorter text"]),
      );
    }
  }
}

const cut = (text: string): string => text.slice(0, 200);

function shapeOf(schema: z.ZodType<string>): string {
  const { pattern, maxLength, minLength } = z.toJSONSchema(schema);
  if (pattern !== undefined) return `text of the form ${pattern}`;
  return minLength
    ? `text of ${minLength} to ${maxLength} characters`
    : `at most ${maxLength} characters`;
}

export function many(params: QueryParams, name: string): readonly string[] {
  const value = params[name];
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}

/** `checkShape` saw to it that there is one at most. */
export const single = (params: QueryParams, name: ParameterName): string | undefined =>
  many(params, name)[0];

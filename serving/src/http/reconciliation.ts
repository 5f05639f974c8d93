// `GET /reconciliation`: what the layers differed by, day by day, of the key's tenant alone.
import {
  comparisonDayJson,
  parseDay,
  readComparisons,
  readShed,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { BadQuery, type QueryParams } from "../query/problem.ts";
import type { Asked } from "./asked.ts";
import { problemReply } from "./problem-reply.ts";
import { jsonReply, type Reply } from "./reply.ts";

const RECONCILIATION_PARAMETERS = ["from", "until", "metric", "unexplained"] as const;
type Name = (typeof RECONCILIATION_PARAMETERS)[number];

export async function reconciliation(
  views: Pick<ViewStore, "ledgerRows">,
  dataset: string,
  { tenant, params }: Asked,
): Promise<Reply> {
  try {
    for (const name of Object.keys(params))
      if (!(RECONCILIATION_PARAMETERS as readonly string[]).includes(name))
        throw new BadQuery(name, "a known parameter", name, RECONCILIATION_PARAMETERS);
    const range = { from: dayParam(params, "from"), until: dayParam(params, "until") };
    const only = one(params, "unexplained");
    if (only !== undefined && only !== "true" && only !== "false")
      throw new BadQuery("unexplained", "true or false", only, ["true", "false"]);
    const filter = { metric: one(params, "metric"), unexplained: only === "true" };
    const rows = await readComparisons(views, dataset, tenant, range);
    const shed = await readShed(views, dataset, tenant, range);
    const days = rows.flatMap((row) => comparisonDayJson(row, filter, shed.get(row.day)) ?? []);
    return jsonReply(200, { days });
  } catch (error) {
    if (error instanceof BadQuery) return problemReply(error.problem);
    throw error;
  }
}

function one(params: QueryParams, name: Name): string | undefined {
  const given = params[name];
  if (given === undefined || typeof given === "string") return given;
  throw new BadQuery(name, "one value", given.join(", "), given.slice(0, 10));
}

function dayParam(params: QueryParams, name: Name): UtcDay | undefined {
  const text = one(params, name);
  const day = text === undefined ? undefined : parseDay(text);
  if (text !== undefined && day === undefined)
    throw new BadQuery(name, "a day", text, ["2019-10-01"]);
  return day;
}

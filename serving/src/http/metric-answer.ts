// `GET /metrics/{name}`: the answer, or 304 where the client has it already. What decides is read in the
// first phase alone, so that an unchanged answer costs neither cells nor computing.
import { type Format, MEDIA_TYPES, written } from "../answer/format/formats.ts";
import { BadQuery, type QueryParams } from "../query/problem.ts";
import type { QueryEngine } from "../query-engine.ts";
import type { Asked } from "./asked.ts";
import type { BodyCache } from "./body-cache.ts";
import { chosenFormat } from "./chosen-format.ts";
import { entityTag, matchesTag } from "./entity-tag.ts";
import { nextLink } from "./next-link.ts";
import { problemReply } from "./problem-reply.ts";
import { type Body, type Reply, refusal } from "./reply.ts";

export async function metricAnswer(
  engine: QueryEngine,
  bodies: BodyCache,
  asked: Asked,
): Promise<Reply> {
  const name = asked.path["name"] ?? "";
  const { tenant } = asked;
  return inFormat(asked, async (format, params) => {
    const result = await engine.orStale(params, [name], tenant, async () => {
      const prepared = await engine.prepare(params, name, tenant);
      if (!prepared.ok) return prepared;
      const known = knownReply(bodies, asked, tagIn(prepared.tag, format));
      return known ? { reply: known } : prepared.answer();
    });
    if ("reply" in result) return result.reply;
    if (!result.ok) return problemReply(result.problem);
    const body = await bodyIn(format, [result.answer], true);
    return keptReply(bodies, asked, result.tag && tagIn(result.tag, format), body);
  });
}

/** A tag of the answer in one format. */
export const tagIn = (tag: string, format: Format): string =>
  format === "json" ? tag : `${tag}.${format}`;

export async function bodyIn(
  format: Format,
  answers: Parameters<typeof written>[1],
  alone: boolean,
): Promise<Body> {
  const identity = await written(format, answers, alone);
  const next = answers.length === 1 ? answers[0]?.next : undefined;
  const type = MEDIA_TYPES[format];
  return { identity, type, ...(next === undefined ? {} : { next }), encoded: new Map() };
}

export async function inFormat(
  { params, accept }: Asked,
  work: (format: Format, params: QueryParams) => Promise<Reply>,
): Promise<Reply> {
  try {
    const format = chosenFormat(params, accept);
    if (format === undefined) return refusal("not_acceptable");
    const { format: _, ...rest } = params;
    return await work(format, rest);
  } catch (error) {
    if (error instanceof BadQuery) return problemReply(error.problem);
    throw error;
  }
}

/** What needs no reading of cells: the client's own answer, or a remembered body. */
export function knownReply(
  bodies: BodyCache,
  { tenant, params, ifNoneMatch }: Asked,
  tag: string,
): Reply | undefined {
  const body = bodies.get(tenant, tag);
  const headers = { ETag: entityTag(tag), ...nextLink(params, body?.next) };
  if (matchesTag(ifNoneMatch, tag)) return { status: 304, headers };
  return body && { status: 200, headers, body };
}

export function keptReply(
  bodies: BodyCache,
  { tenant, params }: Asked,
  tag: string | undefined,
  body: Body,
): Reply {
  const link = nextLink(params, body.next);
  if (tag === undefined) return { status: 200, headers: link, body };
  bodies.set(tenant, tag, body);
  return { status: 200, headers: { ETag: entityTag(tag), ...link }, body };
}

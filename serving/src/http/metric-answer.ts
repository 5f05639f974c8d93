// `GET /metrics/{name}`: the answer, or 304 where the client has it already. What decides is read in the
// first phase alone, so that an unchanged answer costs neither cells nor computing.

import type { QueryProblem } from "../query/query.ts";
import type { QueryEngine } from "../query-engine.ts";
import type { Asked } from "./asked.ts";
import type { BodyCache } from "./body-cache.ts";
import { entityTag, matchesTag } from "./entity-tag.ts";
import { jsonBody, jsonReply, type Reply } from "./reply.ts";

export async function metricAnswer(
  engine: QueryEngine,
  bodies: BodyCache,
  { tenant, path, params, ifNoneMatch }: Asked,
): Promise<Reply> {
  const name = path["name"] ?? "";
  const result = await engine.orStale(params, name, tenant, async () => {
    const prepared = await engine.prepare(params, name, tenant);
    if (!prepared.ok) return prepared;
    const { tag } = prepared;
    if (matchesTag(ifNoneMatch, tag))
      return { reply: { status: 304, headers: { ETag: entityTag(tag) } } };
    const body = bodies.get(tenant, tag);
    if (body) return { reply: { status: 200, headers: { ETag: entityTag(tag) }, body } };
    return prepared.answer();
  });
  if ("reply" in result) return result.reply;
  if (!result.ok) return problemReply(result.problem);
  const body = jsonBody(result.answer);
  if (result.tag === undefined) return { status: 200, body };
  bodies.set(tenant, result.tag, body);
  return { status: 200, headers: { ETag: entityTag(result.tag) }, body };
}

export function problemReply(problem: QueryProblem): Reply {
  const { code, parameter, expected, got } = problem;
  const message = `${parameter}: expected ${expected}; got ${got}.`;
  return jsonReply(code === "unknown_metric" ? 404 : 400, { error: { ...problem, message } });
}

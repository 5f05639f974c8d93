// `GET /query?metrics=A,B`: answers of several metrics, of one reading.
import { metricNames } from "../query/metric-names.ts";
import type { QueryEngine } from "../query-engine.ts";
import type { Asked } from "./asked.ts";
import type { BodyCache } from "./body-cache.ts";
import { bodyIn, inFormat, keptReply, knownReply, tagIn } from "./metric-answer.ts";
import { problemReply } from "./problem-reply.ts";
import type { Reply } from "./reply.ts";

export async function metricAnswers(
  engine: QueryEngine,
  bodies: BodyCache,
  asked: Asked,
): Promise<Reply> {
  const { tenant, ifNoneMatch } = asked;
  return inFormat(asked, async (format, { metrics, ...params }) => {
    const names = metricNames({ metrics, ...params }, engine.limits.metrics);
    const prepared = await engine.prepareMany(params, names, tenant);
    if (!prepared.ok) return problemReply(prepared.problem);
    // Many answers and one: bodies of another shape.
    const tag = tagIn(`${prepared.tag}-q`, format);
    const known = knownReply(bodies, tenant, ifNoneMatch, tag);
    if (known) return known;
    const result = await prepared.answers();
    if (!result.ok) return problemReply(result.problem);
    const body = await bodyIn(format, result.answers, false);
    return keptReply(bodies, tenant, result.tag && tagIn(`${result.tag}-q`, format), body);
  });
}

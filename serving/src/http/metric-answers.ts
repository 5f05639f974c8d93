// `GET /query?metrics=A,B`: answers of several metrics, of one reading.
import type { Format } from "../answer/format/formats.ts";
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
  const { tenant } = asked;
  return inFormat(asked, async (format, { metrics, ...params }) => {
    const names = metricNames({ metrics, ...params }, engine.limits.metrics);
    const result = await engine.orStale(params, names, tenant, async () => {
      const prepared = await engine.prepareMany(params, names, tenant);
      if (!prepared.ok) return prepared;
      const known = knownReply(bodies, asked, tagOf(prepared.tag, format));
      return known ? { reply: known } : prepared.answers();
    });
    if ("reply" in result) return result.reply;
    if (!result.ok) return problemReply(result.problem);
    const body = await bodyIn(format, result.answers, false);
    return keptReply(bodies, asked, result.tag && tagOf(result.tag, format), body);
  });
}

/** Many answers and one: bodies of another shape. */
const tagOf = (tag: string, format: Format): string => tagIn(`${tag}-q`, format);

// `GET /metrics/{name}/live` and `GET /live`: a stream, or why there is none.
import { asksOf } from "../live/asks.ts";
import type { LiveHub } from "../live/live-hub.ts";
import type { Asked } from "./asked.ts";
import { problemReply } from "./problem-reply.ts";
import { type Reply, refusal } from "./reply.ts";

export async function liveAnswer(hub: LiveHub, asked: Asked): Promise<Reply> {
  const { tenant, path, params, lastEventId, allowed } = asked;
  const asks = asksOf(params, path["name"], hub.limits.asks);
  if (!asks.ok) return problemReply(asks.problem);
  const opened = await hub.open({ tenant, asks: asks.asks, lastEventId, allowed });
  if (opened.ok)
    return {
      status: 200,
      start(res) {
        const full = opened.start(res);
        return full && refusal(full);
      },
    };
  return "full" in opened ? refusal(opened.full) : problemReply(opened.problem);
}

// Session length, 95th percentile: one session of twenty is longer.
import { metric } from "../../metrics/metric.ts";
import { perUser } from "../../reducers/per-user.ts";
import { sessions } from "../../reducers/sessions.ts";

export const sessionLengthP95 = metric({
  name: "session_length_p95",
  title: "Session length, 95th percentile",
  description:
    "By nearest rank. A session of one event has length 0; one of more than 24 hours is cut to 24 hours.",
  unit: "seconds",
  version: 1,
  reducer: perUser(sessions({ value: "length", q: 0.95 })),
  by: [["event_type"], ["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "of twenty sessions of 0 to 19 minutes the longest but one",
      events: Array.from({ length: 20 }, (_, i) => [seen(i, 0), seen(i, i)]).flat(),
      value: "1080",
    },
    { title: "no session has no length", events: [], value: null },
  ],
});

function seen(user: number, minute: number) {
  const timestamp = `2019-10-01T09:${`${minute}`.padStart(2, "0")}:00Z`;
  return { event_type: "view", timestamp, user_id: `user ${user}` };
}

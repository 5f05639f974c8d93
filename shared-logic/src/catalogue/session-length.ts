// Session length: from a session's first event to its last, on average over the sessions started.
import { metric } from "../metrics/metric.ts";
import { perUser } from "../reducers/per-user.ts";
import { sessions } from "../reducers/sessions.ts";

export const sessionLength = metric({
  name: "session_length",
  title: "Mean session length",
  description: "A session of one event has length 0; one of more than 24 hours is cut to 24 hours.",
  unit: "seconds",
  version: 1,
  reducer: perUser(sessions({ value: "length" })),
  by: [["event_type"], ["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "the mean of ten minutes and none, each with the platform it began on",
      events: [
        event("2019-10-01T09:00:00Z", "ann", "web"),
        event("2019-10-01T09:10:00Z", "ann", "ios"),
        event("2019-10-01T09:00:00Z", "bob", "ios"),
      ],
      value: "300",
      by: { dims: ["context.platform"], groups: { '["web"]': "600", '["ios"]': "0" } },
    },
    {
      title: "a session is as long as it goes on, also past midnight",
      window: { from: "2019-10-01T00:00:00Z", until: "2019-10-02T00:00:00Z" },
      events: [
        event("2019-10-01T23:59:00Z", "ann", "web"),
        event("2019-10-02T00:04:00.500Z", "ann", "web"),
      ],
      value: "300.5",
    },
    { title: "no session has no length", events: [], value: null },
  ],
});

function event(timestamp: string, user_id: string, platform: string) {
  return { event_type: "view", timestamp, user_id, context: { platform } };
}

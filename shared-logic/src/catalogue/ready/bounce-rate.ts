// Bounce rate: the share of sessions that are over in the moment they begin.
import { metric } from "../../metrics/metric.ts";
import { perUser } from "../../reducers/per-user.ts";
import { sessions } from "../../reducers/sessions.ts";

export const bounceRate = metric({
  name: "bounce_rate",
  title: "Bounce rate",
  description: "Sessions whose first event is in the same millisecond as their last.",
  unit: "ratio",
  version: 1,
  reducer: perUser(sessions({ value: "bounces" })),
  by: [["event_type"], ["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "one session of two goes on, past the end of the day",
      window: { from: "2019-10-01T00:00:00Z", until: "2019-10-02T00:00:00Z" },
      events: [
        { event_type: "view", timestamp: "2019-10-01T23:50:00Z", user_id: "ann" },
        { event_type: "view", timestamp: "2019-10-02T00:10:00Z", user_id: "ann" },
        { event_type: "view", timestamp: "2019-10-01T12:00:00Z", user_id: "bob" },
      ],
      value: "0.5",
    },
    { title: "no session has no rate", events: [], value: null },
  ],
});

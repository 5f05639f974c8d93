// Sessions: how many were started. A gap of more than 30 minutes starts a new one.
import { metric } from "../metrics/metric.ts";
import { perUser } from "../reducers/per-user.ts";
import { sessions as ofSessions } from "../reducers/sessions.ts";

export const sessions = metric({
  name: "sessions",
  title: "Sessions started",
  unit: "sessions",
  version: 1,
  reducer: perUser(ofSessions()),
  by: [["event_type"], ["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "a gap of exactly 30 minutes continues a session, a longer one starts another",
      events: [
        { event_type: "view", timestamp: "2019-10-01T09:00:00Z", user_id: "ann" },
        { event_type: "cart", timestamp: "2019-10-01T09:30:00Z", user_id: "ann" },
        { event_type: "view", timestamp: "2019-10-01T10:00:00.001Z", user_id: "ann" },
        { event_type: "view", timestamp: "2019-10-01T10:00:00.001Z" },
      ],
      value: "2",
    },
    {
      title: "a session counts where it starts, with the dimensions of its first event",
      window: { from: "2019-10-02T00:00:00Z", until: "2019-10-03T00:00:00Z" },
      events: [
        { event_type: "view", timestamp: "2019-10-01T23:50:00Z", user_id: "ann" },
        { event_type: "view", timestamp: "2019-10-02T00:10:00Z", user_id: "ann" },
        { event_type: "cart", timestamp: "2019-10-02T00:10:00Z", user_id: "bob" },
        { event_type: "view", timestamp: "2019-10-02T00:20:00Z", user_id: "bob" },
      ],
      value: "1",
      by: { dims: ["event_type"], groups: { '["cart"]': "1" } },
    },
  ],
});

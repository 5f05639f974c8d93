// Active users: how many different ones did anything.
import { metric } from "../metrics/metric.ts";
import { user } from "../metrics/selector.ts";
import { distinct } from "../reducers/distinct.ts";

export const activeUsers = metric({
  name: "active_users",
  title: "Active users",
  unit: "users",
  version: 1,
  reducer: distinct(user()),
  by: [["event_type"], ["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "a user counts once, an event without a user not at all",
      events: [
        { event_type: "view", timestamp: "2019-10-01T09:00:00Z", user_id: "ann" },
        { event_type: "view", timestamp: "2019-10-01T21:00:00Z", user_id: "ann" },
        { event_type: "view", timestamp: "2019-10-01T09:00:00Z", anonymous_id: "f3a1" },
        { event_type: "view", timestamp: "2019-10-01T09:00:00Z" },
      ],
      value: "2",
    },
    {
      title: "a user id and an anonymous id of the same text are two users",
      events: [
        { event_type: "view", timestamp: "2019-10-01T09:00:00Z", user_id: "7" },
        { event_type: "cart", timestamp: "2019-10-01T09:00:00Z", anonymous_id: "7" },
      ],
      value: "2",
      by: { dims: ["event_type"], groups: { '["view"]': "1", '["cart"]': "1" } },
    },
  ],
});

// Events: how many were accepted, each once.
import { metric } from "../metrics/metric.ts";
import { count } from "../reducers/count.ts";

export const events = metric({
  name: "events",
  title: "Events",
  unit: "events",
  version: 1,
  reducer: count(),
  by: [["event_type"], ["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "every event counts, with or without a user",
      events: [
        { event_type: "view", timestamp: "2019-10-01T09:00:00Z", user_id: "ann" },
        { event_type: "view", timestamp: "2019-10-01T09:00:01Z" },
        { event_type: "purchase", timestamp: "2019-10-01T23:59:59.999Z", user_id: "ann" },
      ],
      value: "3",
      by: { dims: ["event_type"], groups: { '["view"]': "2", '["purchase"]': "1" } },
    },
  ],
});

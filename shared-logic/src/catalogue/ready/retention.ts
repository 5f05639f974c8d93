// Retention: which share of the users who were new on a day came back 1, 7 and 30 days later.
import { metric } from "../../metrics/metric.ts";
import { perUser } from "../../reducers/per-user.ts";
import { retention as ofRetention } from "../../reducers/retention.ts";

export const retention = metric({
  name: "retention",
  title: "Retention after 1, 7 and 30 days",
  description:
    "Of the users new on a day, the share seen on just the first, seventh, thirtieth day after it.",
  unit: "ratio",
  version: 1,
  reducer: perUser(ofRetention({ on: [1, 7, 30], lookbackDays: 30 })),
  by: [["return"], ["return", "context.platform"]],
  examples: [
    {
      title: "of two new users one came the next day, and the other after a week",
      window: { from: "2019-10-01T00:00:00Z", until: "2019-10-02T00:00:00Z" },
      events: [seen("ann", 1), seen("bob", 1), seen("ann", 2), seen("bob", 8), seen("cem", 2)],
      value: "0.5",
      by: {
        dims: ["return"],
        groups: { '["0"]': "1", '["1"]': "0.5", '["7"]': "0.5", '["30"]': "0" },
      },
    },
  ],
});

function seen(user_id: string, day: number) {
  return { event_type: "view", timestamp: `2019-10-0${day}T12:00:00Z`, user_id };
}

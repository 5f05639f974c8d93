// Time between events: how long until a user does the next thing, on average over what users do in a day.
import { metric } from "../../metrics/metric.ts";
import { perUser } from "../../reducers/per-user.ts";
import { timeBetween } from "../../reducers/time-between.ts";

export const timeBetweenEvents = metric({
  name: "time_between_events",
  title: "Mean time between a user's events",
  description: "Gaps of more than 24 hours do not count; events of one millisecond are one.",
  unit: "seconds",
  version: 1,
  reducer: perUser(timeBetween()),
  by: [["event_type"], ["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "a gap counts where it starts, past midnight too, and not above 24 hours",
      window: { from: "2019-10-01T00:00:00Z", until: "2019-10-02T00:00:00Z" },
      events: [
        did("view", "2019-10-01T23:00:00Z", "ann"),
        did("cart", "2019-10-01T23:00:30Z", "ann"),
        did("view", "2019-10-02T00:00:00Z", "ann"),
        did("view", "2019-10-01T08:00:00Z", "bob"),
        did("view", "2019-10-02T08:00:00.001Z", "bob"),
      ],
      value: "1800",
      by: { dims: ["event_type"], groups: { '["view"]': "30", '["cart"]': "3570" } },
    },
    {
      title: "one event has none after it",
      events: [did("view", "2019-10-01T08:00:00Z", "ann")],
      value: null,
    },
  ],
});

function did(event_type: string, timestamp: string, user_id: string) {
  return { event_type, timestamp, user_id };
}

// Stickiness: which share of a month's users came on the day too (DAU/MAU).
import { metric } from "../../metrics/metric.ts";
import { activeWithin } from "../../reducers/active-within.ts";
import { perUser } from "../../reducers/per-user.ts";

export const stickiness = metric({
  name: "stickiness",
  title: "Stickiness (DAU/MAU)",
  description:
    "Of the users of the last thirty days, the share seen on the last of them. UTC days.",
  unit: "ratio",
  version: 1,
  reducer: perUser(activeWithin({ days: 30, value: "today" })),
  by: [["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "one of three came today",
      window: { from: "2019-10-09T00:00:00Z", until: "2019-10-10T00:00:00Z" },
      events: [seen("ann", 9), seen("bob", 8), seen("cem", 1), seen("ann", 1)],
      value: "0.333333",
    },
    { title: "nobody has no share", events: [], value: null },
  ],
});

function seen(user_id: string, day: number) {
  return { event_type: "view", timestamp: `2019-10-0${day}T12:00:00Z`, user_id };
}

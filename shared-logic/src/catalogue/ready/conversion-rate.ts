// Conversion rate: the share of users who bought something.
import { metric } from "../../metrics/metric.ts";
import { eventType, user } from "../../metrics/selector.ts";
import { distinct } from "../../reducers/distinct.ts";
import { ratio } from "../../reducers/ratio.ts";

export const conversionRate = metric({
  name: "conversion_rate",
  title: "Conversion rate",
  description: "Users with a purchase among all users seen.",
  unit: "ratio",
  version: 1,
  reducer: ratio({ reducer: distinct(user()), where: eventType("purchase") }, distinct(user()), {
    digits: 6,
    share: true,
  }),
  by: [["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "one user of two bought, twice",
      events: [of("view", "ann"), of("purchase", "bob"), of("purchase", "bob")],
      value: "0.5",
    },
    { title: "without users there is no rate", events: [], value: null },
  ],
});

function of(event_type: string, user_id: string) {
  return { event_type, timestamp: "2019-10-01T12:00:00Z", user_id };
}

// Purchases: how many there were, whatever they cost.
import { metric } from "../metrics/metric.ts";
import { eventType } from "../metrics/selector.ts";
import { count } from "../reducers/count.ts";

export const purchases = metric({
  name: "purchases",
  title: "Purchases",
  unit: "events",
  version: 1,
  where: eventType("purchase"),
  reducer: count(),
  by: [["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "only purchases count; a missing country is null",
      events: [
        {
          event_type: "purchase",
          timestamp: "2019-10-01T12:00:00Z",
          properties: { country: "DE" },
        },
        { event_type: "purchase", timestamp: "2019-10-01T12:00:00Z" },
        { event_type: "cart", timestamp: "2019-10-01T12:00:00Z", properties: { country: "DE" } },
      ],
      value: "2",
      by: { dims: ["properties.country"], groups: { '["DE"]': "1", "[null]": "1" } },
    },
  ],
});

// Revenue: the sum of what was paid, exact to the last digit.
import { metric } from "../metrics/metric.ts";
import { decimal, eventType } from "../metrics/selector.ts";
import { sum } from "../reducers/sum.ts";

export const revenue = metric({
  name: "revenue",
  title: "Revenue",
  unit: "currency",
  version: 1,
  where: eventType("purchase"),
  reducer: sum(decimal("properties.price", { scale: 3 })),
  by: [["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "purchases add up exactly; other events and unreadable prices add nothing",
      events: [
        purchase({ price: 0.1, country: "DE" }),
        purchase({ price: 0.2, country: "DE" }),
        purchase({ price: 19.99, country: "US" }),
        purchase({ price: "19.99", country: "US" }),
        purchase({ price: 1.0001 }),
        { ...purchase({ price: 5 }), event_type: "view" },
      ],
      value: "20.29",
      by: { dims: ["properties.country"], groups: { '["DE"]': "0.3", '["US"]': "19.99" } },
    },
  ],
});

function purchase(properties: object) {
  return { event_type: "purchase", timestamp: "2019-10-01T12:00:00Z", user_id: "ann", properties };
}

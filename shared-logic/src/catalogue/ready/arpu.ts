// Revenue per user: what was paid, divided by the users seen (ARPU).
import { metric } from "../../metrics/metric.ts";
import { decimal, eventType, user } from "../../metrics/selector.ts";
import { distinct } from "../../reducers/distinct.ts";
import { ratio } from "../../reducers/ratio.ts";
import { sum } from "../../reducers/sum.ts";

export const arpu = metric({
  name: "arpu",
  title: "Revenue per user",
  unit: "currency",
  version: 1,
  reducer: ratio(
    { reducer: sum(decimal("properties.price", { scale: 3 })), where: eventType("purchase") },
    distinct(user()),
    { digits: 2 },
  ),
  by: [["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "twenty from one of three users",
      events: [
        of("view", "ann"),
        of("view", "bob"),
        of("purchase", "cem", 20),
        of("view", "cem", 7),
      ],
      value: "6.67",
    },
    { title: "nobody pays nothing", events: [], value: null },
  ],
});

function of(event_type: string, user_id: string, price?: number) {
  return { event_type, timestamp: "2019-10-01T12:00:00Z", user_id, properties: { price } };
}

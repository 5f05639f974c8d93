// Orders: how many different ones were paid, however many purchases each is made of.
import { metric } from "../../metrics/metric.ts";
import { eventType, text } from "../../metrics/selector.ts";
import { distinct } from "../../reducers/distinct.ts";

export const orders = metric({
  name: "orders",
  title: "Orders",
  unit: "orders",
  version: 1,
  where: eventType("purchase"),
  reducer: distinct(text("properties.order_id")),
  by: [["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "two purchases of one order are one",
      events: [purchase("7"), purchase("7"), purchase("8")],
      value: "2",
    },
  ],
});

function purchase(order_id: string) {
  const timestamp = "2019-10-01T12:00:00Z";
  return { event_type: "purchase", timestamp, properties: { order_id } };
}

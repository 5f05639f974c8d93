// Top products: which were viewed most. Each is a group of the breakdown by properties.product_id.
import { metric } from "../../metrics/metric.ts";
import { eventType, text } from "../../metrics/selector.ts";
import { topK } from "../../reducers/top-k.ts";

export const topProducts = metric({
  name: "top_products",
  title: "Top products",
  description: "Without a breakdown: views of something that has a name.",
  unit: "events",
  version: 1,
  where: eventType("view", "product_view"),
  reducer: topK(text("properties.product_id"), { k: 100 }),
  by: [["properties.product_id"]],
  examples: [
    {
      title: "views by what was viewed; one without a name counts nowhere",
      events: [viewed("a", 1), viewed("b", 2), viewed("a", 3), viewed(null, 4)],
      value: "3",
      by: { dims: ["properties.product_id"], groups: { '["a"]': "2", '["b"]': "1" } },
    },
  ],
});

function viewed(product_id: string | null, second: number) {
  const timestamp = `2019-10-01T12:00:0${second}Z`;
  return { event_type: "view", event_id: `${second}`, timestamp, properties: { product_id } };
}

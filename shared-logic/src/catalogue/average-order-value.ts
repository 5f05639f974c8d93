// Average order value: what a purchase brings, to the cent.
import { metric } from "../metrics/metric.ts";
import { decimal, eventType } from "../metrics/selector.ts";
import { mean } from "../reducers/mean.ts";

export const averageOrderValue = metric({
  name: "average_order_value",
  title: "Average order value",
  unit: "currency",
  version: 1,
  where: eventType("purchase"),
  reducer: mean(decimal("properties.price", { scale: 3 }), { digits: 2 }),
  by: [["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "rounded once, half to even: 0.125 is 0.12, 0.135 is 0.14",
      events: [purchase(0.125, "DE"), purchase(0.135, "US"), purchase(20, "FR")],
      value: "6.75",
      by: {
        dims: ["properties.country"],
        groups: { '["DE"]': "0.12", '["US"]': "0.14", '["FR"]': "20" },
      },
    },
    { title: "without purchases there is no average", events: [], value: null },
  ],
});

function purchase(price: number, country: string) {
  const properties = { price, country };
  return { event_type: "purchase", timestamp: "2019-10-01T12:00:00Z", properties };
}

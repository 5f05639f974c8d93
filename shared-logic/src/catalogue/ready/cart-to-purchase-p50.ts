// From cart to purchase: how long half of what leads to a purchase takes at most.
import { metric } from "../../metrics/metric.ts";
import { eventType } from "../../metrics/selector.ts";
import { perUser } from "../../reducers/per-user.ts";
import { timeBetween } from "../../reducers/time-between.ts";

export const cartToPurchaseP50 = metric({
  name: "cart_to_purchase_p50",
  title: "Median time from cart to purchase",
  description: "From each thing put into the cart to the user's next purchase, within 24 hours.",
  unit: "seconds",
  version: 1,
  reducer: perUser(
    timeBetween({ from: eventType("cart"), to: eventType("purchase"), value: "quantile", q: 0.5 }),
  ),
  by: [["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "two things in one cart, then one that is not bought",
      events: [
        did("cart", "09:00:00", "ann"),
        did("cart", "09:01:00", "ann"),
        did("view", "09:01:30", "ann"),
        did("purchase", "09:02:00", "ann"),
        did("cart", "09:03:00", "ann"),
        did("cart", "09:00:00", "bob"),
        did("purchase", "09:45:00", "bob"),
      ],
      value: "120",
    },
    {
      title: "nothing bought takes no time",
      events: [did("cart", "09:00:00", "ann")],
      value: null,
    },
  ],
});

function did(event_type: string, time: string, user_id: string) {
  return { event_type, timestamp: `2019-10-01T${time}Z`, user_id };
}

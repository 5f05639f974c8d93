// Checkout funnel: from view to cart to purchase, within a day.
import { metric } from "../../metrics/metric.ts";
import { eventType } from "../../metrics/selector.ts";
import { funnel } from "../../reducers/funnel.ts";
import { perUser } from "../../reducers/per-user.ts";

export const checkoutFunnel = metric({
  name: "checkout_funnel",
  title: "Checkout funnel",
  description: "Users who did all steps in order within 24 hours; by step: how many reached each.",
  unit: "users",
  version: 1,
  reducer: perUser(
    funnel({ steps: [eventType("view"), eventType("cart"), eventType("purchase")] }),
  ),
  by: [["step"], ["step", "context.platform"]],
  examples: [
    {
      title: "a user counts at every step she reached, in order",
      events: [
        did("view", "ann", 1),
        did("cart", "ann", 2),
        did("purchase", "ann", 3),
        did("cart", "bob", 1),
        did("view", "bob", 2),
        did("purchase", "bob", 3),
        did("view", "cem", 1),
        did("cart", "cem", 1),
      ],
      value: "1",
      by: { dims: ["step"], groups: { '["1"]': "3", '["2"]': "2", '["3"]': "1" } },
    },
  ],
});

function did(event_type: string, user_id: string, minute: number) {
  return { event_type, timestamp: `2019-10-01T12:0${minute}:00Z`, user_id };
}

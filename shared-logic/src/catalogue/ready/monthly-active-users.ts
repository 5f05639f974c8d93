// Monthly active users: users seen in the thirty days that end with a day, for every day.
import { metric } from "../../metrics/metric.ts";
import { activeWithin } from "../../reducers/active-within.ts";
import { perUser } from "../../reducers/per-user.ts";

export const monthlyActiveUsers = metric({
  name: "monthly_active_users",
  title: "Monthly active users",
  description: "Users seen in the thirty days that end with the window. UTC days.",
  unit: "users",
  version: 1,
  reducer: perUser(activeWithin({ days: 30 })),
  by: [["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "thirty days, with the dimensions of the last day a user was seen on",
      window: { from: "2019-10-31T00:00:00Z", until: "2019-11-01T00:00:00Z" },
      events: [seen("ann", "01", "web"), seen("bob", "02", "web"), seen("bob", "30", "ios")],
      value: "1",
      by: { dims: ["context.platform"], groups: { '["ios"]': "1" } },
    },
  ],
});

function seen(user_id: string, day: string, platform: string) {
  const timestamp = `2019-10-${day}T12:00:00Z`;
  return { event_type: "view", timestamp, user_id, context: { platform } };
}

// Weekly active users: users seen in the seven days that end with a day, for every day.
import { metric } from "../../metrics/metric.ts";
import { activeWithin } from "../../reducers/active-within.ts";
import { perUser } from "../../reducers/per-user.ts";

export const weeklyActiveUsers = metric({
  name: "weekly_active_users",
  title: "Weekly active users",
  description: "Users seen in the seven days that end with the window. UTC days.",
  unit: "users",
  version: 1,
  reducer: perUser(activeWithin({ days: 7 })),
  by: [["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "a user counts on the day she is seen and on the six after it",
      window: { from: "2019-10-07T00:00:00Z", until: "2019-10-08T00:00:00Z" },
      events: [seen("ann", 1), seen("ann", 2), seen("bob", 7)],
      value: "2",
    },
    {
      title: "not on the seventh after it",
      window: { from: "2019-10-08T00:00:00Z", until: "2019-10-09T00:00:00Z" },
      events: [seen("ann", 1), seen("bob", 7)],
      value: "1",
    },
  ],
});

function seen(user_id: string, day: number) {
  return { event_type: "view", timestamp: `2019-10-0${day}T12:00:00Z`, user_id };
}

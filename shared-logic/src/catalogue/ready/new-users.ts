// New users: users seen on a day after thirty days without them.
import { metric } from "../../metrics/metric.ts";
import { perUser } from "../../reducers/per-user.ts";
import { newUsers as ofNewUsers } from "../../reducers/retention.ts";

export const newUsers = metric({
  name: "new_users",
  title: "New users",
  description: "Users who were not seen in the thirty days before. UTC days.",
  unit: "users",
  version: 1,
  reducer: perUser(ofNewUsers({ lookbackDays: 30 })),
  by: [["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "who was here within thirty days is not new",
      window: { from: "2019-10-31T00:00:00Z", until: "2019-11-01T00:00:00Z" },
      events: [seen("ann", "01"), seen("ann", "31"), seen("bob", "31")],
      value: "1",
    },
  ],
});

function seen(user_id: string, day: string) {
  return { event_type: "view", timestamp: `2019-10-${day}T12:00:00Z`, user_id };
}

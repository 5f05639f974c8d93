// Different users by event type, per hour.
import { distinct, metric, user } from "@tandem/shared-logic";

export const usersByHour = metric({
  name: "users_by_hour",
  title: "Users by hour",
  unit: "users",
  version: 1,
  reducer: distinct(user(), { grains: ["hour"] }),
  by: [["event_type"]],
  examples: [],
});

// Different users by event type, per minute.
import { distinct, metric, user } from "@tandem/shared-logic";

export const usersByMinute = metric({
  name: "users_by_minute",
  title: "Users by minute",
  unit: "users",
  version: 1,
  reducer: distinct(user(), { grains: ["minute"], precision: 12 }),
  by: [["event_type"]],
  examples: [],
});

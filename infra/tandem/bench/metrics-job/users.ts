// Different users: by hour in total and by event type, and by day.
import { distinct, metric, user } from "@tandem/shared-logic";

const described = { unit: "users", version: 1, examples: [] };

export const usersByHour = metric({
  ...described,
  name: "users_by_hour",
  title: "Users by hour",
  reducer: distinct(user(), { grains: ["hour"] }),
  by: [["event_type"]],
});

export const usersByDay = metric({
  ...described,
  name: "users_by_day",
  title: "Users by day",
  reducer: distinct(user(), { grains: ["day"] }),
});

// Different users by tenant and event type, per minute, of a topic whose records carry their tenant inside.
import { distinct, metric, user } from "@tandem/shared-logic";

export const foreignUsersByMinute = metric({
  name: "foreign_users_by_minute",
  title: "Users by minute",
  unit: "users",
  version: 1,
  reducer: distinct(user(), { grains: ["minute"], precision: 12 }),
  by: [["tenant_id", "event_type"]],
  limit: 2000,
  examples: [],
});

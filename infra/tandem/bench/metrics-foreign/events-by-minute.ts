// Events by tenant and type, per minute, of a topic whose records carry their tenant inside.
import { count, metric } from "@tandem/shared-logic";

export const foreignEventsByMinute = metric({
  name: "foreign_events_by_minute",
  title: "Events by minute",
  unit: "events",
  version: 1,
  reducer: count({ grains: ["minute"] }),
  by: [["tenant_id", "event_type"]],
  limit: 2000,
  examples: [],
});

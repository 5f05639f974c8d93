// Events by type, per minute.
import { count, metric } from "@tandem/shared-logic";

export const eventsByMinute = metric({
  name: "events_by_minute",
  title: "Events by minute",
  unit: "events",
  version: 1,
  reducer: count({ grains: ["minute"] }),
  by: [["event_type"]],
  examples: [],
});

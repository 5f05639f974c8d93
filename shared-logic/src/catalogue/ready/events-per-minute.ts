// Events per minute: the rate at which events come. Whether it is out of the ordinary: events_per_minute_anomalies.
import { metric } from "../../metrics/metric.ts";
import { eventsPerMinute as ofMinutes } from "../../reducers/events-per-minute.ts";

export const eventsPerMinute = metric({
  name: "events_per_minute",
  title: "Events per minute",
  unit: "events",
  version: 1,
  reducer: ofMinutes(),
  by: [["event_type"], ["context.platform"]],
  examples: [
    {
      title: "two minutes with three events, and with one",
      window: { from: "2019-10-01T12:00:00Z", until: "2019-10-01T12:02:00Z" },
      events: [at("12:00:00"), at("12:00:30"), at("12:00:59"), at("12:01:00"), at("12:02:00")],
      value: "2",
    },
    { title: "nothing at all is none per minute", events: [], value: "0" },
  ],
});

function at(time: string) {
  return { event_type: "view", timestamp: `2019-10-01T${time}Z` };
}

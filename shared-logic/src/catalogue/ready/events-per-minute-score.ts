// How far the rate lies from that of the hour before: of a window's minutes the one furthest off.
import { metric } from "../../metrics/metric.ts";
import { eventsPerMinute } from "../../reducers/events-per-minute.ts";

export const eventsPerMinuteScore = metric({
  name: "events_per_minute_score",
  title: "Anomaly score of events per minute",
  description:
    "Against the 60 minutes before, by median and median absolute deviation; 3.5 standard deviations are out of the ordinary. Null below 30 minutes of history.",
  unit: "standard deviations",
  version: 1,
  reducer: eventsPerMinute({ value: "score" }),
  by: [["event_type"], ["context.platform"]],
  examples: [
    {
      title: "a hundred in a minute where there were four in each",
      window: { from: "2019-10-01T13:00:00Z", until: "2019-10-01T13:01:00Z" },
      events: [...each(12, 60, 4), ...each(13, 1, 100)],
      value: "15.854",
    },
    {
      title: "four again are nothing",
      window: { from: "2019-10-01T13:00:00Z", until: "2019-10-01T13:01:00Z" },
      events: [...each(12, 60, 4), ...each(13, 1, 4)],
      value: "0",
    },
    {
      title: "a quarter of an hour is too little history to say",
      window: { from: "2019-10-01T12:15:00Z", until: "2019-10-01T12:16:00Z" },
      events: each(12, 16, 4),
      value: null,
    },
  ],
});

/** So many events in each of the first minutes of an hour. */
function each(hour: number, minutes: number, count: number) {
  return Array.from({ length: minutes * count }, (_, i) => {
    const minute = `${Math.floor(i / count)}`.padStart(2, "0");
    return { event_type: "view", timestamp: `2019-10-01T${hour}:${minute}:30Z` };
  });
}

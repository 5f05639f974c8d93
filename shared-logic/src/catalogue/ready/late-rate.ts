// Late rate: the share of events that came after the day they happened on had ended.
import { metric } from "../../metrics/metric.ts";
import { flag, isIn } from "../../metrics/selector.ts";
import { mean } from "../../reducers/mean.ts";

export const lateRate = metric({
  name: "late_rate",
  title: "Late rate",
  description:
    "Of the events of a window, copies apart, those received on a later UTC day than they happened on.",
  unit: "ratio",
  version: 1,
  reducer: mean(flag(isIn("arrival", "late", "too_late")), { digits: 6 }),
  by: [["arrival"], ["event_type"], ["context.platform"]],
  examples: [
    {
      title: "of four events one came the next morning, and one after a week",
      events: [
        came("2019-10-01T09:00:00Z", "2019-10-01T09:00:01Z"),
        came("2019-10-01T09:00:00Z", "2019-10-01T23:59:59Z"),
        came("2019-10-01T23:59:00Z", "2019-10-02T00:01:00Z"),
        came("2019-10-01T12:00:00Z", "2019-10-08T12:00:00Z"),
      ],
      value: "0.5",
      by: {
        dims: ["arrival"],
        groups: { '["in_time"]': "0", '["late"]': "1", '["too_late"]': "1" },
      },
    },
    { title: "no events have no rate", events: [], value: null },
  ],
});

function came(timestamp: string, received_at: string) {
  return { event_type: "view", timestamp, received_at };
}

// Error rate: the share of events that report an error.
import { metric } from "../metrics/metric.ts";
import { eventType, flag } from "../metrics/selector.ts";
import { mean } from "../reducers/mean.ts";

export const errorRate = metric({
  name: "error_rate",
  title: "Error rate",
  unit: "ratio",
  version: 1,
  reducer: mean(flag(eventType("error")), { digits: 6 }),
  by: [["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "one error in three events",
      events: [event("view", "web"), event("error", "web"), event("view", "ios")],
      value: "0.333333",
      by: { dims: ["context.platform"], groups: { '["web"]': "0.5", '["ios"]': "0" } },
    },
    { title: "no events have no rate", events: [], value: null },
  ],
});

function event(event_type: string, platform: string) {
  return { event_type, timestamp: "2019-10-01T12:00:00Z", context: { platform } };
}

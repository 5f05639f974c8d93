// Latency, 95th percentile: of requests, in milliseconds.
import { metric } from "../../metrics/metric.ts";
import { decimal, eventType } from "../../metrics/selector.ts";
import { quantile } from "../../reducers/quantile.ts";

export const latencyP95 = metric({
  name: "latency_p95",
  title: "Latency, 95th percentile",
  unit: "milliseconds",
  version: 1,
  where: eventType("request"),
  reducer: quantile(decimal("properties.duration_ms", { scale: 3 }), {
    q: 0.95,
    relativeError: 0.01,
  }),
  by: [["properties.route"], ["context.platform"]],
  examples: [
    {
      title: "by nearest rank: a request took just so long",
      events: [1, 2, 3, 4, 250.5].map(request),
      value: "250.5",
    },
    { title: "no requests take no time", events: [], value: null },
  ],
});

function request(duration_ms: number) {
  const timestamp = "2019-10-01T12:00:00Z";
  return { event_type: "request", timestamp, properties: { duration_ms } };
}

// Page views: events of type page_view.
import { metric } from "../../metrics/metric.ts";
import { eventType } from "../../metrics/selector.ts";
import { count } from "../../reducers/count.ts";

export const pageViews = metric({
  name: "page_views",
  title: "Page views",
  unit: "events",
  version: 1,
  where: eventType("page_view"),
  reducer: count(),
  by: [["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "only page views count",
      events: [
        { event_type: "page_view", timestamp: "2019-10-01T12:00:00Z" },
        { event_type: "click", timestamp: "2019-10-01T12:00:01Z" },
      ],
      value: "1",
    },
  ],
});

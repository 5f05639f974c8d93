// Top pages: which were viewed most. Each is a group of the breakdown by properties.path.
import { metric } from "../../metrics/metric.ts";
import { eventType, text } from "../../metrics/selector.ts";
import { topK } from "../../reducers/top-k.ts";

export const topPages = metric({
  name: "top_pages",
  title: "Top pages",
  description: "Without a breakdown: views of something that has a name.",
  unit: "events",
  version: 1,
  where: eventType("page_view"),
  reducer: topK(text("properties.path"), { k: 100 }),
  by: [["properties.path"]],
  examples: [
    {
      title: "views by what was viewed; one without a name counts nowhere",
      events: [viewed("a", 1), viewed("b", 2), viewed("a", 3), viewed(null, 4)],
      value: "3",
      by: { dims: ["properties.path"], groups: { '["a"]': "2", '["b"]': "1" } },
    },
  ],
});

function viewed(path: string | null, second: number) {
  const timestamp = `2019-10-01T12:00:0${second}Z`;
  return { event_type: "page_view", event_id: `${second}`, timestamp, properties: { path } };
}

// Duplicate rate: the share of what was accepted that had been accepted before.
import { metric } from "../../metrics/metric.ts";
import { isIn } from "../../metrics/selector.ts";
import { count } from "../../reducers/count.ts";
import { ratio } from "../../reducers/ratio.ts";

export const duplicateRate = metric({
  name: "duplicate_rate",
  title: "Duplicate rate",
  description:
    "Of the events accepted, those whose id had come before on the same day as sent. A copy counts at its own time.",
  unit: "ratio",
  version: 1,
  reducer: ratio(
    { reducer: count(), where: isIn("copy", "again", "unsure") },
    { reducer: count(), where: isIn("copy", "first", "again") },
    { digits: 6, share: true },
  ),
  by: [["event_type"], ["context.platform"]],
  examples: [
    {
      title: "one of three came again",
      events: [sent("a"), sent("b"), sent("c"), sent("b")],
      value: "0.25",
    },
    { title: "no events have no rate", events: [], value: null },
  ],
});

function sent(event_id: string) {
  return { event_id, event_type: "view", timestamp: "2019-10-01T12:00:00Z" };
}

// Session length, median: half of the sessions are no longer.
import { metric } from "../../metrics/metric.ts";
import { perUser } from "../../reducers/per-user.ts";
import { sessions } from "../../reducers/sessions.ts";

export const sessionLengthP50 = metric({
  name: "session_length_p50",
  title: "Median session length",
  description:
    "By nearest rank. A session of one event has length 0; one of more than 24 hours is cut to 24 hours.",
  unit: "seconds",
  version: 1,
  reducer: perUser(sessions({ value: "length", q: 0.5 })),
  by: [["event_type"], ["context.platform"], ["properties.country"]],
  examples: [
    {
      title: "of none, ten minutes and five hours it is ten minutes, whatever the mean",
      events: [
        seen("ann", "09:00"),
        seen("bob", "09:00"),
        seen("bob", "09:10"),
        ...Array.from({ length: 11 }, (_, i) => seen("cem", `1${i >> 1}:${i % 2}0`)),
      ],
      value: "600",
    },
    { title: "no session has no length", events: [], value: null },
  ],
});

function seen(user_id: string, time: string) {
  return { event_type: "view", timestamp: `2019-10-01T${time}:00Z`, user_id };
}

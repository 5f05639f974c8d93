// Signup funnel: from the form to the account to the first login, within a day.
import { metric } from "../../metrics/metric.ts";
import { eventType } from "../../metrics/selector.ts";
import { funnel } from "../../reducers/funnel.ts";
import { perUser } from "../../reducers/per-user.ts";

export const signupFunnel = metric({
  name: "signup_funnel",
  title: "Signup funnel",
  description: "Users who did all steps in order within 24 hours; by step: how many reached each.",
  unit: "users",
  version: 1,
  reducer: perUser(
    funnel({
      steps: [eventType("signup_started"), eventType("signup_completed"), eventType("login")],
    }),
  ),
  by: [["step"], ["step", "context.platform"]],
  examples: [
    {
      title: "a user counts at every step she reached, in order",
      events: [
        did("signup_started", "ann", 1),
        did("signup_completed", "ann", 2),
        did("login", "ann", 3),
        did("login", "bob", 1),
        did("signup_started", "bob", 2),
        did("signup_started", "cem", 1),
        did("signup_completed", "cem", 1),
      ],
      value: "1",
      by: { dims: ["step"], groups: { '["1"]': "3", '["2"]': "2", '["3"]': "1" } },
    },
  ],
});

function did(event_type: string, user_id: string, minute: number) {
  return { event_type, timestamp: `2019-10-01T12:0${minute}:00Z`, user_id };
}

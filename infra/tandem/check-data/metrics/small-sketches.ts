// The approximate metrics with sketches made so small that cells of a few hundred events are dense or
// sampled: what they claim is then really tested. `m` registers, `k` users.
import { distinct, type Metric, metric, perUser, sessions, user } from "@tandem/shared-logic";

const by = [["event_type"]];
const example = [
  {
    title: "one user",
    events: [
      { event_id: "e1", event_type: "view", timestamp: "2019-10-01T00:00:00Z", user_id: "u1" },
    ],
    value: "1",
  },
];

const users = (name: string, precision: number): Metric =>
  metric({
    name,
    title: `Users by ${2 ** precision} registers`,
    unit: "users",
    version: 1,
    reducer: distinct(user(), { precision }),
    by,
    examples: example,
  });
const started = (name: string, sample: number): Metric =>
  metric({
    name,
    title: `Sessions of a sample of ${sample} users`,
    unit: "sessions",
    version: 1,
    reducer: perUser(sessions(), { sample }),
    by,
    examples: example,
  });

export const usersM16 = users("users_m16", 4);
export const usersM64 = users("users_m64", 6);
export const usersM256 = users("users_m256", 8);
export const sessionsK4 = started("sessions_k4", 4);
export const sessionsK64 = started("sessions_k64", 64);
export const sessionsK256 = started("sessions_k256", 256);

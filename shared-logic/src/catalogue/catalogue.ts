// The metrics that come with Tandem. A further one is a file here and a line in this list.
import type { Metric } from "../metrics/metric.ts";
import { activeUsers } from "./active-users.ts";
import { averageOrderValue } from "./average-order-value.ts";
import { errorRate } from "./error-rate.ts";
import { events } from "./events.ts";
import { purchases } from "./purchases.ts";
import { revenue } from "./revenue.ts";
import { sessionLength } from "./session-length.ts";
import { sessions } from "./sessions.ts";

export const catalogue: readonly Metric[] = [
  activeUsers,
  averageOrderValue,
  errorRate,
  events,
  purchases,
  revenue,
  sessionLength,
  sessions,
];

// Metrics that are ready to be switched on by name: folding all of them would cost every installation what few
// need. A further one is a file in `ready` and a line in this list.
import type { Metric } from "../metrics/metric.ts";
import { arpu } from "./ready/arpu.ts";
import { bounceRate } from "./ready/bounce-rate.ts";
import { cartToPurchaseP50 } from "./ready/cart-to-purchase-p50.ts";
import { checkoutFunnel } from "./ready/checkout-funnel.ts";
import { conversionRate } from "./ready/conversion-rate.ts";
import { duplicateRate } from "./ready/duplicate-rate.ts";
import { eventsPerMinute } from "./ready/events-per-minute.ts";
import { eventsPerMinuteAnomalies } from "./ready/events-per-minute-anomalies.ts";
import { eventsPerMinuteScore } from "./ready/events-per-minute-score.ts";
import { lateRate } from "./ready/late-rate.ts";
import { latencyP50 } from "./ready/latency-p50.ts";
import { latencyP95 } from "./ready/latency-p95.ts";
import { latencyP99 } from "./ready/latency-p99.ts";
import { monthlyActiveUsers } from "./ready/monthly-active-users.ts";
import { newUsers } from "./ready/new-users.ts";
import { orders } from "./ready/orders.ts";
import { pageViews } from "./ready/page-views.ts";
import { retention } from "./ready/retention.ts";
import { sessionLengthP50 } from "./ready/session-length-p50.ts";
import { sessionLengthP95 } from "./ready/session-length-p95.ts";
import { signupFunnel } from "./ready/signup-funnel.ts";
import { stickiness } from "./ready/stickiness.ts";
import { timeBetweenEvents } from "./ready/time-between-events.ts";
import { topPages } from "./ready/top-pages.ts";
import { topProducts } from "./ready/top-products.ts";
import { weeklyActiveUsers } from "./ready/weekly-active-users.ts";

export const readyMetrics: readonly Metric[] = [
  arpu,
  bounceRate,
  cartToPurchaseP50,
  checkoutFunnel,
  conversionRate,
  duplicateRate,
  eventsPerMinute,
  eventsPerMinuteAnomalies,
  eventsPerMinuteScore,
  lateRate,
  latencyP50,
  latencyP95,
  latencyP99,
  monthlyActiveUsers,
  newUsers,
  orders,
  pageViews,
  retention,
  sessionLengthP50,
  sessionLengthP95,
  signupFunnel,
  stickiness,
  timeBetweenEvents,
  topPages,
  topProducts,
  weeklyActiveUsers,
];

/** By name, for a metric file that switches it on. A RangeError where there is none. */
export function readyMetric(name: string): Metric {
  const found = readyMetrics.find((m) => m.name === name);
  if (found === undefined)
    throw new RangeError(
      `no ready metric ${name}; there are ${readyMetrics.map((m) => m.name).join(", ")}`,
    );
  return found;
}

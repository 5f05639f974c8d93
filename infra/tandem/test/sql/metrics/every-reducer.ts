// Every reducer, with parameters that the metrics of the catalogue do not have.
import {
  activeWithin,
  and,
  count,
  decimal,
  distinct,
  eventsPerMinute,
  eventType,
  exists,
  flag,
  funnel,
  isIn,
  max,
  mean,
  metric,
  min,
  newUsers,
  not,
  or,
  perUser,
  quantile,
  ratio,
  retention,
  sessions,
  sum,
  text,
  topK,
  user,
} from "@tandem/shared-logic";

type Declared = Parameters<typeof metric>[0];

const price = decimal("properties.price", { scale: 3 });
const tiny = decimal("properties.price", { scale: 7 });
const steps = [eventType("view"), eventType("cart"), eventType("purchase")];
const ODD = 'properties.odd "key" $*';

function one(name: string, reducer: Declared["reducer"], more: Partial<Declared> = {}) {
  const words = { title: name, unit: "things", version: 1, examples: [] };
  return metric({ name, ...words, by: [["properties.country"]], ...more, reducer });
}

export const all = one("t_count", count({ grains: ["minute"] }), {
  where: and(
    or(exists("properties.price"), isIn("context.platform", "web", "7", "true"), exists("user")),
    not(isIn("properties.country", "DE", "\u{1F600}", "it's")),
    not(and(exists("session_id"), isIn("version", "1.10"))),
  ),
  by: [[ODD], ["version", "session_id"], ["user"]],
});
export const capped = one("t_capped", count(), { limit: 2, by: [["properties.path"]] });
export const cappedSum = one("t_capped_sum", sum(price), {
  limit: 3,
  by: [["properties.path", "context.platform"]],
});
export const least = one("t_min", min(price));
export const most = one("t_max", max(tiny));
export const tinySum = one("t_sum", sum(tiny));
export const wholeMean = one(
  "t_mean",
  mean(decimal("properties.price", { scale: 0 }), { digits: 3 }),
);
export const share = one(
  "t_share",
  mean(flag(or(eventType("cart"), exists("properties.order_id"))), { digits: 1 }),
);
export const median = one("t_quantile", quantile(price, { q: 0.37 }));
export const odd = one("t_distinct", distinct(text(ODD)), { where: not(eventType("view")) });
export const users = one("t_users", distinct(user()), {
  by: [["event_type", "properties.country"]],
});
export const ratioOfMeans = one(
  "t_ratio",
  ratio({ reducer: mean(price, { digits: 4 }), where: eventType("purchase", "cart") }, max(tiny), {
    digits: 5,
  }),
);
export const ratioOfCounts = one(
  "t_ratio_counts",
  ratio(count(), sum(decimal("properties.product_id", { scale: 1 })), { digits: 0 }),
);
export const top = one("t_top", topK(text("properties.path"), { k: 3 }), {
  by: [["properties.path"], ["properties.path", "properties.country"]],
});
export const short = one("t_sessions", perUser(sessions({ gapMs: 300_000 })), {
  where: not(eventType("error")),
});
export const long = one(
  "t_length",
  perUser(sessions({ value: "length", digits: 1, maxLengthMs: 3_600_000 })),
);
export const bounces = one("t_bounces", perUser(sessions({ value: "bounces", digits: 2 })));
export const early = one(
  "t_funnel",
  perUser(funnel({ steps, windowMs: 3_600_000, increasing: true })),
  {
    by: [["step", "properties.country"]],
  },
);
export const rate = one(
  "t_funnel_rate",
  perUser(funnel({ steps, value: "rate", windowMs: 40 * 3_600_000 })),
  {
    by: [["step"], ["context.platform"]],
  },
);
export const time = one("t_funnel_time", perUser(funnel({ steps, value: "time" })));
export const overlapping = one(
  "t_funnel_overlap",
  perUser(
    funnel({
      steps: [eventType("view", "cart"), eventType("view"), eventType("cart", "purchase")],
      windowMs: 3_600_000,
    }),
  ),
  { by: [["step", "properties.country"]] },
);
export const strict = one(
  "t_strict",
  perUser(funnel({ steps, strict: true, windowMs: 20 * 3_600_000 })),
  { by: [["step", "properties.country"]] },
);
export const strictRate = one(
  "t_strict_rate",
  perUser(
    funnel({ steps: [isIn("event_type", "view", "cart"), ...steps], strict: true, value: "rate" }),
  ),
  { by: [["step"]], where: eventType("view", "cart", "purchase", "page_view") },
);
export const strictTime = one(
  "t_strict_time",
  perUser(
    funnel({
      steps: [eventType("view"), not(eventType("error"))],
      strict: true,
      increasing: true,
      value: "time",
    }),
  ),
);
export const score = one(
  "t_score",
  eventsPerMinute({ value: "score", historyMinutes: 15, digits: 6, grains: ["minute"] }),
);
export const flags = one(
  "t_flags",
  eventsPerMinute({ value: "anomalies", historyMinutes: 90, threshold: 1.25 }),
  { by: [["properties.country"], ["context.platform"]] },
);
export const within = one("t_within", perUser(activeWithin({ days: 3 })));
export const today = one("t_today", perUser(activeWithin({ days: 4, value: "today", digits: 3 })));
export const fresh = one("t_new", perUser(newUsers({ lookbackDays: 2 })));
export const weekly = one(
  "t_weekly",
  perUser(retention({ on: [1], period: "week", value: "users", lookbackDays: 3 })),
  {
    by: [["return"], ["return", "properties.country"]],
  },
);
export const daily = one(
  "t_daily",
  perUser(retention({ on: [1, 3], lookbackDays: 2, digits: 2 })),
  {
    by: [["return"], ["properties.country"]],
  },
);

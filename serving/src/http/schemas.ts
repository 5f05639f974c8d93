// The shapes of bodies, declared once: for the OpenAPI document and for the tests that hold answers to it.
import { z } from "zod";

const instant = z.iso.datetime();
const exactNumber = z
  .union([z.number(), z.string().regex(/^-?\d+(\.\d+)?$/), z.null()])
  .describe(
    "A number up to 15 significant digits, the same digits as text beyond; null of nothing",
  );
const dimensions = z.record(z.string(), z.union([z.string(), z.null()]));

const point = z.strictObject({
  from: instant,
  until: instant,
  by: dimensions.optional().describe("The group's values; all are (other) beyond the limit"),
  value: exactNumber,
  low: exactNumber,
  high: exactNumber,
  exact: z.boolean(),
  layer: z.enum(["batch", "speed", "both"]),
  run: z.string().optional(),
});

const count = z.int().nonnegative();
const missing = z.strictObject({ from: instant, until: instant, why: z.string() });

export const answerSchema = z.strictObject({
  metric: z.string(),
  version: z.int().positive(),
  unit: z.string(),
  from: instant,
  until: instant,
  grain: z.enum(["minute", "hour", "day", "week", "month", "total"]),
  tz: z.string(),
  by: z.array(z.string()),
  as_of: z.string().optional().describe("The run or moment whose kept runs answered"),
  where: dimensions.optional(),
  filter: z.string().optional().describe("The condition, where it is more than fixed values"),
  points: z.array(point),
  groups: count
    .optional()
    .describe("With limit: groups of the range, of which the first are shown"),
  next: z
    .string()
    .optional()
    .describe("With limit: cursor of the next page; absent: there are no more groups"),
  total: z.array(point).optional().describe("With limit: every window over all groups"),
  compare: z
    .strictObject({
      to: z.enum(["previous_period", "previous_year"]),
      from: instant,
      until: instant,
      points: z.array(
        point.extend({ beside: instant.describe("Start of the window that it stands beside") }),
      ),
      missing: z.array(missing),
    })
    .optional(),
  cost: z.strictObject({
    cells: count.describe("Cells that it may read, by what is known before"),
  }),
  horizon: z.union([instant, z.null()]),
  freshness: z.union([instant, z.null()]),
  missing: z.array(missing),
  late_pending: z.int().nonnegative(),
  suspected: z.int().nonnegative(),
  unchecked: z.int().nonnegative(),
  skipped: z.int().nonnegative(),
  capped: z.boolean(),
  degraded: z.array(z.string()),
});

const ask = z.string().describe("The question, as it was asked");
export const liveSchema = z.discriminatedUnion("event", [
  z.strictObject({
    event: z.literal("reset"),
    id: z.string().optional(),
    data: answerSchema
      .extend({ ask, why: z.enum(["start", "unknown_id", "version"]) })
      .describe("The whole answer: what was told of the question before does not count any more"),
  }),
  z.strictObject({
    event: z.literal("cells"),
    id: z.string().optional(),
    data: answerSchema
      .extend({
        ask,
        gone: z.array(z.strictObject({ from: instant, by: dimensions.optional() })),
        order: z.array(dimensions).optional(),
      })
      .describe(
        "The answer with those points alone that changed; gone: those that are no more; order: of the groups of each window, where it has changed",
      ),
  }),
  z.strictObject({
    event: z.literal("end"),
    data: z.object({
      why: z.enum(["closing", "slow_reader", "key", "question", "internal"]),
      ask: z.string().optional(),
    }),
  }),
]);

export const answersSchema = z.strictObject({ answers: z.array(answerSchema) });

const countRange = z.strictObject({ low: count, high: count });

export const reconciliationSchema = z.strictObject({
  days: z.array(
    z.strictObject({
      day: z.iso.date(),
      at: instant,
      shed: z
        .strictObject({ events: count, requests: count })
        .describe("Sent that day and not taken: answered retry, or refused whole with 429 or 503"),
      metrics: z.array(
        z.strictObject({
          metric: z.string(),
          version: z.int().positive(),
          run: z.string(),
          batch: exactNumber,
          speed: exactNumber,
          low: exactNumber,
          high: exactNumber,
          difference: z.union([z.number(), z.null()]).describe("Speed less batch"),
          sigma: z.union([z.number(), z.null()]).describe("What the sketch predicts"),
          z: z.union([z.number(), z.null()]).describe("The difference in units of sigma"),
          events: z.strictObject({
            batch: count,
            sure: count,
            suspected: count,
            unchecked: count,
          }),
          bloom: z.strictObject({ expected: z.number(), most: count }),
          late: countRange,
          late_pending: count,
          dead_lettered: count,
          dropped: countRange,
          duplicated: countRange,
          states: z.strictObject({ cells: count, differ: count }),
          unexplained: z.array(z.enum(["dropped", "duplicated", "states", "value"])),
        }),
      ),
    }),
  ),
});

export const catalogueSchema = z.strictObject({
  metrics: z.array(
    z.strictObject({
      name: z.string(),
      title: z.string(),
      description: z.union([z.string(), z.null()]),
      unit: z.string(),
      version: z.int().positive().describe("The one that answers to the bare name"),
      versions: z.array(
        z.strictObject({
          version: z.int().positive(),
          visible: z.boolean(),
          days_done: z.int().nonnegative(),
          days_wanted: z.int().nonnegative(),
        }),
      ),
      grains: z.array(z.string()),
      by: z.array(z.array(z.string())),
      reducer: z.string(),
      lists: z
        .strictObject({
          by: z.string(),
          values: z.array(z.string()),
          labels: z.array(z.string()).optional(),
        })
        .optional()
        .describe("A dimension that the metric makes itself, with its values in order"),
      exact: z.enum(["always", "batch"]),
      examples: z.array(z.string()),
    }),
  ),
});

export const errorSchema = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    parameter: z.string().optional(),
    expected: z.string().optional(),
    got: z.string().optional(),
    would_work: z.array(z.string()).optional(),
    cost: z.strictObject({ cells: count, limit: count }).optional(),
    lag: z
      .strictObject({ stale_ms: z.union([z.number(), z.null()]), records: count })
      .optional()
      .describe("How far the answer is from what was demanded"),
  }),
});

export const stateSchema = z.strictObject({ status: z.enum(["ok", "unavailable"]) });

export const systemSchema = z.strictObject({
  now: instant,
  lag: z
    .union([z.strictObject({ records: count, partitions: z.array(count) }), z.null()])
    .describe("Records accepted and not yet in the views; null: the log does not answer"),
  freshness: z.union([instant, z.null()]),
  auto_heal: z.boolean().describe("Late days heal by themselves"),
  horizons: z.array(
    z.strictObject({
      metric: z.string(),
      version: z.int().positive(),
      horizon: z.union([instant, z.null()]),
    }),
  ),
  days: z.array(
    z.strictObject({
      day: z.iso.date(),
      sealed: count.describe("Metrics that have a run of the day"),
      metrics: count,
      pinned: z.boolean(),
      lost: z.boolean().describe("A run was computed without records that are lost"),
    }),
  ),
  work: z.array(
    z.strictObject({
      at: instant,
      did: z.string(),
      day: z.iso.date(),
      metrics: count,
      by_hand: z.boolean(),
    }),
  ),
  dead_letters: z.union([
    z.strictObject({ count, capped: z.boolean(), reasons: z.record(z.string(), count) }),
    z.null(),
  ]),
});

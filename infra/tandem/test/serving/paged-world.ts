// What tests of pages turn over: a breakdown of many groups that changes between them, and the turning.
import { QueryEngine, type QueryParams } from "@tandem/serving";
import {
  type Answer,
  count,
  distinct,
  metric,
  perUser,
  seededRandom,
  sessions,
  type UtcDay,
  user,
} from "@tandem/shared-logic";
import { DATASET, DAY, World } from "./serving-fixture.ts";

const base = { title: "T", unit: "events", version: 1, examples: [] };
export const DIM = "properties.country";
const BY = [[DIM], [DIM, "event_type"]];
export const events = metric({ ...base, name: "events", reducer: count(), by: BY });
const users = metric({ ...base, name: "users", reducer: distinct(user()), by: BY });
const visits = metric({ ...base, name: "visits", reducer: perUser(sessions()), by: BY });
export const METRICS = [events, users, visits];
export const RANGE = { from: "2019-10-01", until: "2019-10-03" };

interface PagedWorld {
  readonly w: World;
  /** More events, seen at once; then a day sealed, now and then. */
  change(): Promise<void>;
  /** Another process over the same stores. */
  other(): QueryEngine;
}

export async function pagedWorld(seed: number, groups = 13): Promise<PagedWorld> {
  const random = seededRandom(seed);
  const below = (n: number): number => random.u32() % n;
  const w = await World.create(METRICS);
  const add = (n: number, country: () => string): void => {
    for (let i = 0; i < n; i++)
      w.append(
        {
          timestamp: new Date((DAY + below(2)) * 86_400_000 + below(86_400) * 1000).toISOString(),
          event_type: below(3) === 0 ? "buy" : "view",
          user_id: `u${below(40)}`,
          properties: { country: country() },
        },
        { partition: below(2) },
      );
  };
  for (let g = 0; g < groups; g++) add(1 + below(3), () => `c${g}`);
  await w.flushAll();
  const change = async (): Promise<void> => {
    add(6, () => `c${below(groups + 5)}`);
    if (below(3) === 0)
      for (const m of METRICS) await w.publish(m, (DAY + below(2)) as UtcDay, w.cut());
    await w.flushAll();
  };
  const other = () =>
    new QueryEngine({
      views: w.views,
      objects: w.objects,
      clock: { now: () => w.now },
      metrics: METRICS,
      dataset: DATASET,
    });
  return { w, change, other };
}

export const named = (answer: Answer): string[] => [
  ...new Set(answer.points.map((p) => JSON.stringify(p.by)).filter((by) => !by.includes("(rest)"))),
];

/** The pages up to the last, or to the code of what came in place of one. */
export async function turned(
  first: QueryEngine,
  name: string,
  params: QueryParams,
  between: () => Promise<QueryEngine>,
): Promise<{ pages: Answer[]; ended: string }> {
  const pages: Answer[] = [];
  for (let engine = first, cursor = {}; ; engine = await between()) {
    const result = await engine.query({ ...params, ...cursor }, name, "acme");
    if (!result.ok) return { pages, ended: result.problem.code };
    pages.push(result.answer);
    if (result.answer.next === undefined) return { pages, ended: "last" };
    cursor = { cursor: result.answer.next };
  }
}

// Strict funnels, as SQL: in a window, an event reaches a step by the last event before it that reached the one before;
// and the search ends at the first event, after one that starts, that is no step, or one whose predecessor was not
// reached. What a later event reaches changes nothing before it, so both are found apart and then laid together.
import { type Cte, interval, listed } from "./text.ts";

export interface FunnelSearch {
  readonly steps: number;
  readonly dims: readonly string[];
  readonly increasing: boolean;
  readonly windowMs: number;
}

/** From `steps` (an event a row, with step_1 …) to `best`: a user's furthest chain in each window. */
export function strictCtes({ steps, dims, increasing, windowMs }: FunnelSearch): Cte[] {
  const names = Array.from({ length: steps }, (_, i) => `step_${i + 1}`);
  // Of one moment's first steps the first stands for nothing more, and the last for the chain that goes on.
  const [way, back] = increasing ? ["DESC", "ASC"] : ["ASC", "DESC"];
  const firstBy = (direction: string): string => {
    const nulls = direction === "ASC" ? "FIRST" : "LAST";
    const order = dims.map((dim) => `${dim} ${direction} NULLS ${nulls}`);
    return `first(id${order.length === 0 ? "" : ` ORDER BY ${listed(order)}`})`;
  };
  const own = 'window_start, tenant, "user"';
  const reach = interval(windowMs);
  const ctes: Cte[] = [
    {
      name: "places",
      once: true,
      why: "Of one moment, what is no step (0) comes before the steps in their order.",
      sql: `SELECT *, dense_rank() OVER (PARTITION BY tenant, "user" ORDER BY moment, step) AS place
FROM (SELECT *, unnest(CASE WHEN ${names.join(" OR ")}
  THEN list_filter([${listed(names.map((name, i) => `CASE WHEN ${name} THEN ${i + 1} END`))}], lambda s: s IS NOT NULL)
  ELSE [0] END) AS step FROM steps)`,
    },
    {
      name: "seen",
      once: true,
      sql: `SELECT w.window_start, w.window_end, p.* FROM places p JOIN windows w
  ON moment >= window_start AND moment < window_end + ${reach}`,
    },
    {
      name: "reached_1",
      once: true,
      sql: `SELECT ${own}, place, ${firstBy(way)} AS alone, ${firstBy(back)} AS chain, moment AS started, moment AS reached
FROM seen WHERE step = 1 AND moment < window_end GROUP BY ${own}, place, moment`,
    },
  ];
  for (let step = 2; step <= steps; step++)
    ctes.push({
      name: `reached_${step}`,
      once: true,
      sql: `SELECT s.window_start, s.tenant, s."user", s.place, r.chain AS alone, r.chain, r.started, s.moment AS reached
FROM (SELECT DISTINCT ${own}, moment, place FROM seen WHERE step = ${step}) s
ASOF JOIN reached_${step - 1} r ON s.window_start = r.window_start AND s.tenant = r.tenant AND s."user" = r."user"
  AND ${increasing ? "s.moment > r.reached" : "s.place > r.place"}
WHERE s.moment <= r.started + ${reach}`,
    });
  const all = names.map((_, i) => `SELECT *, ${i + 1} AS level FROM reached_${i + 1}`);
  ctes.push(
    { name: "levels", once: true, sql: all.join("\nUNION ALL ") },
    {
      name: "firsts",
      sql: `SELECT ${own}, level, min(place) AS place FROM levels GROUP BY ${own}, level`,
    },
    {
      name: "ends",
      sql: `SELECT s.window_start, s.tenant, s."user", min(s.place) AS place
FROM seen s JOIN firsts began ON began.level = 1 AND s.place > began.place
  AND s.window_start = began.window_start AND s.tenant = began.tenant AND s."user" = began."user"
LEFT JOIN firsts f ON f.level = s.step - 1
  AND s.window_start = f.window_start AND s.tenant = f.tenant AND s."user" = f."user"
WHERE s.step = 0 OR (s.step > 1 AND (f.place IS NULL OR f.place > s.place))
GROUP BY s.window_start, s.tenant, s."user"`,
    },
    {
      name: "best",
      why: "A user counts once in a window, by the first chain that went furthest.",
      sql: `SELECT ${listed(["l.window_start, l.level, l.started, l.reached, l.tenant", ...dims.map((dim) => `s.${dim}`)])}
FROM levels l JOIN steps s ON s.id = l.alone
LEFT JOIN ends e ON l.window_start = e.window_start AND l.tenant = e.tenant AND l."user" = e."user"
WHERE e.place IS NULL OR l.place < e.place
QUALIFY row_number() OVER (
  PARTITION BY l.window_start, l.tenant, l."user" ORDER BY l.level DESC, l.place) = 1`,
    },
  );
  return ctes;
}

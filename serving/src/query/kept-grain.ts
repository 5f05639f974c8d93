// A day whose cells were rolled up answers by the hour or the day and longer: windows that begin or end within one of
// its cells are a problem that says so and what would work, never a number made of whole cells.
import {
  DAY_MS,
  type DayEntry,
  dayOf,
  dayStart,
  type EpochMs,
  formatDay,
  formatInstant,
  HOUR_MS,
  type RolledGrain,
  type UtcDay,
} from "@tandem/shared-logic";
import type { QueryProblem } from "./problem.ts";
import type { Query } from "./query.ts";

const GRAINS = ["hour", "day", "week", "month", "total"] as const;
const KEPT = {
  hour: { ms: HOUR_MS, finer: "minutes" },
  day: { ms: DAY_MS, finer: "hours" },
} as const satisfies Readonly<Record<RolledGrain, object>>;

export function finerThanKept(
  { windows, grain, metric }: Pick<Query, "windows" | "grain" | "metric">,
  days: ReadonlyMap<UtcDay, DayEntry | undefined>,
): QueryProblem | undefined {
  if (![...days.values()].some((entry) => entry?.grain)) return undefined;
  for (const { from, until } of windows) {
    const at = [from, until].find((edge) => {
      const rolled = days.get(dayOf(edge))?.grain;
      return rolled && edge % KEPT[rolled].ms !== 0;
    });
    const kept = at === undefined ? undefined : days.get(dayOf(at))?.grain;
    if (at === undefined || !kept) continue;
    const { ms, finer } = KEPT[kept];
    const finest = [...days].filter(([, entry]) => entry && entry.grain === undefined);
    const since = finest.length > 0 ? Math.min(...finest.map(([day]) => day)) : undefined;
    const got = `a window that begins or ends at ${formatInstant(at)}; ${finer} of ${formatDay(dayOf(at))} were rolled up to ${kept}s`;
    const common = { code: "bad_query" as const, got };
    if (grain === "minute" || (grain === "hour" && kept === "day"))
      return {
        ...common,
        parameter: "grain",
        expected: `${kept} or longer`,
        would_work: [
          ...GRAINS.slice(GRAINS.indexOf(kept)).map((g) => `grain=${g}`),
          ...(since === undefined ? [] : [`from=${formatInstant(dayStart(since as UtcDay))}`]),
        ],
      };
    const [down, up] = [Math.floor(at / ms), Math.ceil(at / ms)].map((n) =>
      formatInstant((n * ms) as EpochMs),
    );
    return {
      ...common,
      parameter: windows[0]?.from === at ? "from" : windows.at(-1)?.until === at ? "until" : "tz",
      expected: `windows of whole UTC ${kept}s of ${metric.name}`,
      would_work: [down ?? "", up ?? "", "tz=UTC"],
    };
  }
  return undefined;
}

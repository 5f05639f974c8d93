// A day whose minutes were rolled up answers by the hour and longer: windows that begin or end within one of its
// hours are a problem that says so and what would work, never a number made of whole hours.
import {
  type DayEntry,
  dayOf,
  dayStart,
  type EpochMs,
  formatDay,
  formatInstant,
  HOUR_MS,
  type UtcDay,
} from "@tandem/shared-logic";
import type { QueryProblem } from "./problem.ts";
import type { Query } from "./query.ts";

export function finerThanKept(
  { windows, grain, metric }: Pick<Query, "windows" | "grain" | "metric">,
  days: ReadonlyMap<UtcDay, DayEntry | undefined>,
): QueryProblem | undefined {
  if (![...days.values()].some((entry) => entry?.grain === "hour")) return undefined;
  const rolled = (at: EpochMs): boolean => days.get(dayOf(at))?.grain === "hour";
  for (const { from, until } of windows) {
    const at = [from, until].find((edge) => edge % HOUR_MS !== 0 && rolled(edge));
    if (at === undefined) continue;
    const minutes = [...days].filter(([, entry]) => entry && entry.grain === undefined);
    const since = minutes.length > 0 ? Math.min(...minutes.map(([day]) => day)) : undefined;
    const got = `a window that begins or ends at ${formatInstant(at)}; minutes of ${formatDay(dayOf(at))} were rolled up to hours`;
    const common = { code: "bad_query" as const, got };
    if (grain === "minute")
      return {
        ...common,
        parameter: "grain",
        expected: "hour or longer",
        would_work: [
          ...["hour", "day", "week", "month", "total"].map((g) => `grain=${g}`),
          ...(since === undefined ? [] : [`from=${formatInstant(dayStart(since as UtcDay))}`]),
        ],
      };
    const [down, up] = [Math.floor(at / HOUR_MS), Math.ceil(at / HOUR_MS)].map((n) =>
      formatInstant((n * HOUR_MS) as EpochMs),
    );
    return {
      ...common,
      parameter: windows[0]?.from === at ? "from" : windows.at(-1)?.until === at ? "until" : "tz",
      expected: `windows of whole UTC hours of ${metric.name}`,
      would_work: [down ?? "", up ?? "", "tz=UTC"],
    };
  }
  return undefined;
}

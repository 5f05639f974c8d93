// Questions of windows of whole cells, and views with groups, for the tests of their way through the overlay.
import {
  below,
  DAY_MS,
  decimal,
  type EpochMs,
  HOUR_MS,
  MINUTE_MS,
  metric,
  OTHER_GROUP,
  type PointQuery,
  type Random,
  type ReadView,
  sum,
  type Window,
} from "@tandem/shared-logic";
import { DAYS, FIRST_DAY } from "./generated-log.ts";

export const bits = metric({
  name: "bits",
  title: "t",
  unit: "u",
  version: 1,
  examples: [],
  reducer: sum(decimal("properties.bit", { scale: 0 })),
});
const GROUPS = ['["a"]', '["b"]', "[null]"];

/** The rows in groups; now and then one in `(other)`. */
export function inGroups(view: ReadView, random: Random): ReadView {
  const others = below(random, 10) === 0;
  const group = () =>
    others && below(random, 20) === 0 ? OTHER_GROUP : GROUPS[below(random, GROUPS.length)]!;
  return {
    ...view,
    speed: view.speed.map((row) => ({ ...row, group: group() })),
    runs: new Map(
      [...view.runs].map(([run, rows]) => [
        run,
        { ...rows, finest: rows.finest?.map((row) => ({ ...row, group: group() })) },
      ]),
    ),
  };
}

/** In order, with gaps, some of a day. */
function wholeWindows(random: Random): Window[] {
  const windows: Window[] = [];
  const stepMs = [MINUTE_MS, 7 * MINUTE_MS, HOUR_MS, DAY_MS][below(random, 4)]!;
  const end = (FIRST_DAY + DAYS) * DAY_MS;
  let at = FIRST_DAY * DAY_MS + below(random, 48) * HOUR_MS;
  while (at < end && windows.length < 400) {
    const until = Math.min(at + stepMs, (Math.floor(at / DAY_MS) + 1) * DAY_MS);
    if (below(random, 8) > 0) windows.push({ from: at as EpochMs, until: until as EpochMs });
    at = until;
  }
  return windows;
}

export function anyQuestion(random: Random): PointQuery {
  const kind = below(random, 4);
  return {
    windows: wholeWindows(random),
    dims: undefined,
    spans: new Map(),
    ...(kind === 1 ? { groups: ['["b"]', '["nobody"]'] } : {}),
    ...(kind === 2 ? { shows: (g: string) => g !== '["a"]' } : {}),
    ...(kind === 3 ? { union: (g: string) => (g === "[null]" ? undefined : "[]") } : {}),
  };
}

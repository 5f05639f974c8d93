// The points of windows that are made of whole cells (cell-windows.ts): what `overlayByWindow` gives, state by
// state and number by number, for the questions that ask for many small windows.
import type { Window } from "../time/calendar.ts";
import type { UtcDay } from "../time/epoch-ms.ts";
import { byText } from "./by-text.ts";
import { type CellWindows, cellWindows, type WindowsOfDay } from "./cell-windows.ts";
import type { DayPieces } from "./day-pieces.ts";
import { estimateGroup } from "./estimate-parts.ts";
import { newParts, type Parts } from "./parts.ts";
import type { GroupPoint, PointQuery, WindowPoints } from "./point-query.ts";
import type { ReadView } from "./view.ts";

const NOTHING_ABOVE: ReadonlyMap<UtcDay, number> = new Map();
const NONE_TORN: ReadonlySet<number> = new Set();
const NO_POINTS: readonly GroupPoint[] = [];

/** Undefined where the windows are others. */
export function cellPoints(
  view: ReadView,
  { windows, dims, groups: asked, shows = () => true, union }: PointQuery,
  piecesOf: (day: UtcDay) => DayPieces,
): WindowPoints[] | undefined {
  if (dims) return undefined;
  const cells = cellWindows(view.metric.reducer, windows, piecesOf, shows, union);
  if (!cells) return undefined;
  const names = asked ?? seenGroups(cells, shows);
  const slots = names.map((group) => cells.groups.get(group));
  const nothing = newParts(view.metric.reducer);
  const points: WindowPoints[] = [];
  for (const range of cells.days) {
    const run = view.days.get(range.day)?.run;
    for (let i = range.first; i < range.last; i++) {
      const window = windows[i] as Window;
      const torn = cells.torn[i] ?? NONE_TORN;
      const above = run === undefined ? 0 : (cells.speedEvents[i] as number);
      points.push({
        window,
        missing: range.missing,
        points:
          range.missing === undefined
            ? names.map((group, n) =>
                pointOf(view, window, group, slots[n]?.[i] ?? nothing, {
                  whole: !range.lag && torn.size === 0,
                  run,
                }),
              )
            : NO_POINTS,
        lag: range.lag,
        torn,
        capped: false,
        suspected: cells.suspected[i] as number,
        unchecked: cells.unchecked[i] as number,
        skipped: cells.skipped[i] as number,
        aboveRuns: above === 0 ? NOTHING_ABOVE : new Map([[range.day, above]]),
      });
    }
  }
  return points;
}

function pointOf(
  view: ReadView,
  window: Window,
  group: string,
  parts: Parts,
  { whole, run }: { readonly whole: boolean; readonly run: string | undefined },
): GroupPoint {
  const doubtful = parts.suspectedEvents + parts.uncheckedEvents > 0;
  return {
    group,
    estimate: estimateGroup(view.metric.reducer, parts, window),
    exact: whole && !doubtful,
    layer: run === undefined ? "speed" : parts.touched ? "both" : "batch",
    run,
  };
}

/** Those that have something in a window that is covered. */
function seenGroups({ groups, days }: CellWindows, shows: (group: string) => boolean): string[] {
  const inside = (
    slots: readonly (Parts | undefined)[],
    { missing, first, last }: WindowsOfDay,
  ) => {
    if (missing !== undefined) return false;
    for (let i = first; i < last; i++) if (slots[i] !== undefined) return true;
    return false;
  };
  const seen: string[] = [];
  for (const [group, slots] of groups)
    if (shows(group) && days.some((range) => inside(slots, range))) seen.push(group);
  return seen.sort(byText);
}

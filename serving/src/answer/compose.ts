// From the readings of one question to its answer. Pure: all its numbers are of one seam.
import {
  type Answer,
  GRAIN_MS,
  OTHER_GROUP,
  overlaySpans,
  type Window,
  type WindowPoints,
} from "@tandem/shared-logic";
import type { KeptByRole } from "../kept-questions.ts";
import { type Cursor, groupMark } from "../paging/cursor.ts";
import { Listing } from "../paging/listing.ts";
import type { Query } from "../query/query.ts";
import { timeZone } from "../query/time-zone.ts";
import { windowsOf } from "../query/windows.ts";
import type { ReadResult } from "../read/read-view.ts";
import { cutBy, REST_GROUP, type Shown } from "../read/shown-groups.ts";
import {
  type AnswerFacts,
  type AnswerMore,
  buildAnswer,
  FLUSH_INTERRUPTED,
} from "./build-answer.ts";
import { orderGroups } from "./order-groups.ts";
import type { Part } from "./parts.ts";
import { underTotal, withGroups } from "./under-total.ts";

export interface Composed {
  readonly answer: Answer;
  readonly torn: boolean;
  /** Groups up to the end of the page; undefined: all are shown. */
  readonly shownUpTo?: Place;
  /** The pages behind it, where they are not too many to keep. */
  readonly listing?: Listing;
}

/** Behind so many groups, of which the last has this mark. */
export type Place = Pick<Cursor, "skip" | "last">;

/** Windows in order, in lists (`overlaySpans`). */
type Spans = readonly (readonly WindowPoints[])[];

/** Points of the pages behind the one asked for that are presented with it. */
const LISTED_POINTS = 20_000;

export function compose(
  query: Query,
  parts: readonly Part[],
  results: readonly ReadResult[],
  facts: AnswerFacts,
  cells: number,
  page: { readonly behind?: Place | undefined; readonly lists: boolean } = { lists: false },
  kept?: KeptByRole,
): Composed | undefined {
  const find = (role: Part["role"]) => {
    const at = parts.findIndex((p) => p.role === role);
    const [part, result] = [parts[at], results[at]];
    return part && result && { part, result };
  };
  const [main, rank, total, before] = (["points", "rank", "total", "compare"] as const).map(find);
  if (!main) throw new TypeError("a question without a reading of its points");
  let shown: Shown = withoutIdentity(main.part.shown);
  let groups: number | undefined;
  let names: readonly string[] = [];
  let end = 0;
  const plain = shown;
  let spans: Spans | undefined;
  let totals = total && spansOf(total, total.part.shown, kept).flat();
  if (query.limit !== undefined || query.order !== undefined) {
    const order = query.order ?? "-value";
    spans = spansOf(main, shown, kept);
    const windows = spans.flat();
    names = orderGroups(
      order,
      rank ? spansOf(rank, withoutIdentity(rank.part.shown), kept).flat() : [],
      windows,
    );
    if (totals && query.metric.reducer.atMostEvents) totals = withGroups(totals, windows);
    const others = windows.some((w) => w.points.some((p) => p.group === OTHER_GROUP));
    const begin = page.behind === undefined ? 0 : placeAfter(names, query, page.behind);
    if (begin === undefined) return undefined;
    end = query.limit === undefined ? names.length : begin + query.limit;
    const first = names.slice(begin, end);
    const rest = begin === 0 && end < names.length;
    const inside = query.metric.reducer.inside || begin > 0;
    if (query.limit !== undefined) groups = names.length;
    const last = [
      ...(rest && !inside ? [REST_GROUP] : []),
      ...(others && !inside ? [OTHER_GROUP] : []),
    ];
    const union = rest && !inside ? cutBy(query, shown, new Set(first)) : shown.union;
    const { shows } = shown;
    shown = {
      read: shown.read,
      shown: [...first, ...last],
      shows: rest ? (g) => g === REST_GROUP || shows(g) : shows,
      ...(union ? { union } : {}),
    };
  }
  // Which groups a cut breakdown shows changes from one time to the next.
  const same = shown === plain ? kept : undefined;
  spans = spans === undefined || shown.shown ? spansOf(main, shown, same) : spans;
  const compared = before && spansOf(before, shown, same).flat();
  const { seam } = main.result;
  const more: AnswerMore = {
    groups,
    total: totals,
    comparedSeam: before?.result.seam,
    cost: { cells },
  };
  const below = (groups: Spans): Spans =>
    totals && query.metric.reducer.atMostEvents ? [underTotal(groups.flat(), totals)] : groups;
  spans = below(spans);
  const points = same?.("points").points;
  const answer = buildAnswer(query, seam, spans, facts, { ...more, compared }, points);
  const torn = answer.degraded.some((code) => code.startsWith(FLUSH_INTERRUPTED));
  if (!page.lists || end >= names.length) return { answer, torn };
  const shownUpTo = { skip: end, last: groupMark(names[end - 1] ?? "") };
  const each = query.windows.length + (query.compare?.windows.length ?? 0);
  if ((names.length - end) * each > LISTED_POINTS) return { answer, torn, shownUpTo };
  const behind = { ...plain, shown: names.slice(end) };
  const listing = new Listing({
    ...{ query, seam, facts, more, names },
    windows: below(spansOf(main, behind)).flat(),
    compared: before && spansOf(before, behind).flat(),
  });
  return { answer, torn, shownUpTo, listing };
}

/** By name a page follows its last group wherever that stands now, else where it stood; undefined: it is not there. */
function placeAfter(
  names: readonly string[],
  { order }: Query,
  { skip, last }: Place,
): number | undefined {
  const at = order?.endsWith("name")
    ? names.findIndex((name) => groupMark(name) === last) + 1
    : skip;
  return at > 0 && groupMark(names[at - 1] ?? "") === last ? at : undefined;
}

/** The union that only made the reading complete. */
function withoutIdentity({ union, ...shown }: Shown): Shown {
  return union?.merges ? { ...shown, union } : shown;
}

/** The days that a question by the day would show; undefined where it could not be asked. */
function daysOfZone({ metric, tz }: Query): ((window: Window) => readonly Window[]) | undefined {
  const zone = timeZone(tz);
  const cellMs = GRAIN_MS[metric.reducer.grains[0] ?? "hour"];
  if (!zone || zone.name === "UTC") return undefined;
  return ({ from, until }) => {
    const days = windowsOf(from, until, "day", zone);
    return days.every((day) => day.until % cellMs === 0) ? days : [];
  };
}

function spansOf(
  { part, result }: { readonly part: Part; readonly result: ReadResult },
  { shown, shows, union }: Shown,
  kept?: KeptByRole,
): Spans {
  const { query } = part;
  const { reducer, sets } = query.metric;
  const days = daysOfZone(query);
  const asked = {
    windows: query.windows,
    dims: query.set > 0 && reducer.inside ? sets[query.set] : undefined,
    spans: result.spans,
    shows,
    ...(shown ? { groups: shown } : {}),
    ...(union ? { union: union.of } : {}),
    ...(days ? { days } : {}),
  };
  return overlaySpans(result.view, asked, kept?.(part.role).spans);
}

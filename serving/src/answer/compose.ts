// From the readings of one question to its answer. Pure: all its numbers are of one seam.
import { type Answer, OTHER_GROUP, overlay, type WindowPoints } from "@tandem/shared-logic";
import type { Query } from "../query/query.ts";
import type { ReadResult } from "../read/read-view.ts";
import { cutBy, REST_GROUP, type Shown } from "../read/shown-groups.ts";
import { type AnswerFacts, buildAnswer } from "./build-answer.ts";
import { orderGroups } from "./order-groups.ts";
import type { Part } from "./parts.ts";

export interface Composed {
  readonly answer: Answer;
  readonly torn: boolean;
}

export function compose(
  query: Query,
  parts: readonly Part[],
  results: readonly ReadResult[],
  facts: AnswerFacts,
  cells: number,
): Composed {
  const find = (role: Part["role"]) => {
    const at = parts.findIndex((p) => p.role === role);
    const [part, result] = [parts[at], results[at]];
    return part && result && { part, result };
  };
  const [main, rank, total, before] = (["points", "rank", "total", "compare"] as const).map(find);
  if (!main) throw new TypeError("a question without a reading of its points");
  let shown: Shown = withoutIdentity(main.part.shown);
  let groups: number | undefined;
  let windows: WindowPoints[] | undefined;
  if (query.limit !== undefined || query.order !== undefined) {
    const order = query.order ?? "-value";
    windows = pointsOf(main, shown);
    const names = orderGroups(
      order,
      rank ? pointsOf(rank, withoutIdentity(rank.part.shown)) : [],
      windows,
    );
    const others = windows.some((w) => w.points.some((p) => p.group === OTHER_GROUP));
    const first = names.slice(0, query.limit);
    const rest = first.length < names.length;
    const { inside } = query.metric.reducer;
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
  windows = windows === undefined || shown.shown ? pointsOf(main, shown) : windows;
  const totals = total && pointsOf(total, total.part.shown);
  const compared = before && pointsOf(before, shown);
  const answer = buildAnswer(query, main.result.seam, windows, facts, {
    groups,
    total: totals,
    compared,
    comparedSeam: before?.result.seam,
    cost: { cells },
  });
  const torn = [...windows, ...(totals ?? []), ...(compared ?? [])].some((w) => w.torn.size > 0);
  return { answer, torn };
}

/** The union that only made the reading complete. */
function withoutIdentity({ union, ...shown }: Shown): Shown {
  return union?.merges ? { ...shown, union } : shown;
}

function pointsOf(
  { part, result }: { readonly part: Part; readonly result: ReadResult },
  { shown, shows, union }: Shown,
): WindowPoints[] {
  const { query } = part;
  const { reducer, sets } = query.metric;
  return overlay(result.view, {
    windows: query.windows,
    dims: query.set > 0 && reducer.inside ? sets[query.set] : undefined,
    spans: result.spans,
    shows,
    ...(shown ? { groups: shown } : {}),
    ...(union ? { union: union.of } : {}),
  });
}

// Numbers of several metrics in one response: what one metric counts is at most what another counts, as far as their
// declarations say so. Runs of each at a V of its own, samples and sketches may show it the other way round. First all
// that is known of parts goes up, then all that is known of wholes goes down, each along chains of any length.
import {
  type Answer,
  type AnswerPoint,
  type ComparedPoint,
  decimalOf,
  type EarlierWindows,
  type Estimate,
  isSubsetOf,
  type JsonNumber,
  jsonDecimal,
  type Metric,
  OTHER_GROUP,
  withinSuperset,
  withSubset,
} from "@tandem/shared-logic";
import { REST_GROUP } from "../read/shown-groups.ts";

/** Points of one answer, which are changed here. */
type Points = AnswerPoint[];
type Lists = readonly [points: Points, total: Points, compared: Points];

interface Relation {
  readonly less: Points;
  readonly more: Points;
  /** Where in `more` the one stands that has what this point has. */
  readonly beside: (point: AnswerPoint) => number | undefined;
}

/** Each question's answer. */
export function heldTogether(
  questions: readonly { readonly metric: Metric }[],
  answers: readonly Answer[],
): readonly Answer[] {
  const metrics = questions.map((q) => q.metric);
  const pairs = metrics.flatMap((less, i) =>
    metrics.flatMap((more, j) => (i !== j && isSubsetOf(less, more) ? [[i, j] as const] : [])),
  );
  if (pairs.length === 0) return answers;
  const lists = answers.map(
    ({ points, total, compare }): Lists => [
      [...points],
      [...(total ?? [])],
      [...(compare?.points ?? [])],
    ],
  );
  const relations = [...between(lists, pairs), ...underTotals(lists, metrics)];
  settle(relations, raise);
  settle(relations, lower);
  return answers.map((answer, i) => {
    const [points = [], total = [], compared = []] = lists[i] ?? [];
    const { compare } = answer;
    return {
      ...answer,
      points,
      ...(answer.total ? { total } : {}),
      ...(compare ? { compare: { ...compare, points: besides(compare, compared) } } : {}),
    };
  });
}

const besides = ({ points }: EarlierWindows, held: Points): ComparedPoint[] =>
  points.map((point, n) => ({ ...(held[n] ?? point), beside: point.beside }));

function between(
  lists: readonly Lists[],
  pairs: readonly (readonly [number, number])[],
): Relation[] {
  const indexes = lists.map((own) => own.map(indexOf));
  return pairs.flatMap(([i, j]) =>
    ([0, 1, 2] as const).map((role): Relation => {
      const [less, more] = [lists[i]?.[role] ?? [], lists[j]?.[role] ?? []];
      return { less, more, beside: (p) => indexes[j]?.[role]?.get(keyOf(p)) };
    }),
  );
}

function underTotals(lists: readonly Lists[], metrics: readonly Metric[]): Relation[] {
  return lists.flatMap(([less, more], i) => {
    if (!metrics[i]?.reducer.atMostEvents || more.length === 0) return [];
    const at = new Map(more.map((p, n) => [p.from, n]));
    return [{ less, more, beside: (p: AnswerPoint) => at.get(p.from) }];
  });
}

/** By window and group; what is left of a cut breakdown is not the same of each metric. */
function indexOf(points: readonly AnswerPoint[]): ReadonlyMap<string, number> {
  const index = new Map<string, number>();
  for (const [n, p] of points.entries()) {
    const cut = Object.values(p.by ?? {}).some((v) => v === REST_GROUP || v === OTHER_GROUP);
    if (!cut) index.set(keyOf(p), n);
  }
  return index;
}

const keyOf = ({ from, until, by }: AnswerPoint): string =>
  by ? `${from} ${until} ${JSON.stringify(by)}` : `${from} ${until}`;

/** Puts another number where two contradict each other; whether it did. */
type Hold = (relation: Relation, lessAt: number, moreAt: number) => boolean;

/** Numbers move in one direction, so that it ends. */
function settle(relations: readonly Relation[], hold: Hold): void {
  for (let moved = true; moved; ) {
    moved = false;
    for (const relation of relations)
      for (const [n, point] of relation.less.entries()) {
        const at = relation.beside(point);
        if (at !== undefined && hold(relation, n, at)) moved = true;
      }
  }
}

function raise({ less, more }: Relation, lessAt: number, moreAt: number): boolean {
  const [part, whole] = [less[lessAt], more[moreAt]];
  if (!part || !whole || whole.exact || !isCount(part) || !isCount(whole)) return false;
  if (part.value <= whole.value && part.low <= whole.low) return false;
  more[moreAt] = shown(whole, withSubset(estimateOf(whole), estimateOf(part)));
  return more[moreAt] !== whole;
}

function lower({ less, more }: Relation, lessAt: number, moreAt: number): boolean {
  const [part, whole] = [less[lessAt], more[moreAt]];
  if (!part || !whole || part.exact || !isCount(part) || !isCount(whole)) return false;
  if (part.value <= whole.value && part.high <= whole.high) return false;
  less[lessAt] = shown(part, withinSuperset(estimateOf(part), estimateOf(whole)));
  return less[lessAt] !== part;
}

type Count = AnswerPoint & { readonly value: number; readonly low: number; readonly high: number };

/** What has more digits than a JSON number is nothing that is counted. */
const isCount = (p: AnswerPoint): p is Count =>
  Number.isSafeInteger(p.value) && Number.isSafeInteger(p.low) && Number.isSafeInteger(p.high);

const estimateOf = ({ value, low, high }: Count): Estimate => ({
  value: decimalOf(value),
  low: decimalOf(low),
  high: decimalOf(high),
  confidence: 1,
});

function shown(p: Count, e: Estimate): AnswerPoint {
  const [value, low, high] = [e.value, e.low, e.high].map(
    (d): JsonNumber => (d === null ? null : jsonDecimal(d)),
  );
  if (value === p.value && low === p.low && high === p.high) return p;
  return { ...p, value: value ?? null, low: low ?? null, high: high ?? null, exact: false };
}

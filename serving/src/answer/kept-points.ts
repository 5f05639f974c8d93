// The points of an answer as they were written last, by list of windows: one whose numbers were not made anew is not
// written anew (kept-spans.ts of the overlay), and not looked at. Lists that follow each other are put together, so that
// an answer is made of few of them.
import type { AnswerPoint, WindowPoints } from "@tandem/shared-logic";
import { addSame, addsSame, type SpanSums, spanSums, sumUp } from "./window-sums.ts";

export interface Written {
  readonly points: readonly AnswerPoint[];
  readonly sums: SpanSums;
}

interface WrittenSpan extends Written {
  readonly windows: readonly WindowPoints[];
  /** Where the points of each window end. */
  readonly ends: readonly number[];
}

interface Stretch extends Written {
  readonly spans: readonly WrittenSpan[];
  /** Where the points of each begin. */
  readonly begins: readonly number[];
}

/** Hours of a day. */
const STRETCH_SPANS = 24;
const NO_POINTS: readonly AnswerPoint[] = [];

/** Of one question. */
export class KeptPoints {
  private known: boolean | undefined;
  private lists: readonly (readonly WindowPoints[])[] = [];
  /** Of each list. */
  private spans: readonly WrittenSpan[] = [];
  private stretches: readonly Stretch[] = [];

  /** Of each list, in order: what `write` gives of its windows, or gave of the same ones when `known` was the same. */
  of(
    spans: readonly (readonly WindowPoints[])[],
    known: boolean,
    write: (window: WindowPoints) => readonly AnswerPoint[],
  ): readonly Written[] {
    if (this.known !== known) [this.lists, this.spans] = [[], []];
    const find = finder(this.spans);
    const written = spans.map((windows, i): WrittenSpan => {
      // Nothing of a list that stands where it stood is looked at.
      if (windows === this.lists[i]) return this.spans[i]!;
      const was = find(windows, i);
      return was?.windows === windows ? was : writtenSpan(windows, write, was);
    });
    const stretches: Stretch[] = [];
    for (let from = 0; from < written.length; from += STRETCH_SPANS) {
      const own = written.slice(from, from + STRETCH_SPANS);
      stretches.push(stretchOf(own, this.stretches[stretches.length]));
    }
    this.known = known;
    this.lists = spans;
    this.spans = written;
    this.stretches = stretches;
    return stretches;
  }
}

/**
 * Each list as it was written, or the one that began then or next; lists are asked for in the order of their windows, and
 * some may be gone or new. `near`: where it may stand.
 */
function finder(
  spans: readonly WrittenSpan[],
): (windows: readonly WindowPoints[], near: number) => WrittenSpan | undefined {
  let at = 0;
  return (windows, near) => {
    const from = windows[0]?.window.from;
    if (from === undefined) return undefined;
    if (spans[near]?.windows[0]?.window.from === from) return spans[near];
    while (at < spans.length && spans[at]!.windows !== windows && !begins(spans[at]!, from)) at++;
    return spans[at];
  };
}

function writtenSpan(
  windows: readonly WindowPoints[],
  write: (window: WindowPoints) => readonly AnswerPoint[],
  was: WrittenSpan | undefined,
): WrittenSpan {
  const points: AnswerPoint[] = [];
  const ends: number[] = [];
  let sums = was?.windows.length === windows.length ? was.sums : undefined;
  for (let i = 0; i < windows.length; i++) {
    const window = windows[i]!;
    const before = was?.windows[i];
    if (was !== undefined && before === window)
      for (let n = was.ends[i - 1] ?? 0; n < was.ends[i]!; n++) points.push(was.points[n]!);
    else {
      for (const point of write(window)) points.push(point);
      if (before === undefined || !addsSame(before, window)) sums = undefined;
    }
    ends.push(points.length);
  }
  return { windows, points, ends, sums: sums ?? spanSums(windows) };
}

/** At that moment or later. */
const begins = ({ windows }: WrittenSpan, from: number): boolean =>
  windows[0] !== undefined && windows[0].window.from >= from;

/** As it was, where it is of the same lists; where a few are others, with their points in the place of those. */
function stretchOf(spans: readonly WrittenSpan[], was: Stretch | undefined): Stretch {
  if (was?.spans.length !== spans.length) return stretch(spans);
  let points: AnswerPoint[] | undefined;
  for (let i = 0; i < spans.length; i++) {
    const [before, is] = [was.spans[i]!, spans[i]!];
    if (before === is) continue;
    if (before.points.length !== is.points.length || !addSame(before.sums, is.sums))
      return stretch(spans);
    points ??= [...was.points];
    for (let n = 0; n < is.points.length; n++) points[was.begins[i]! + n] = is.points[n]!;
  }
  return points === undefined ? was : { spans, begins: was.begins, points, sums: was.sums };
}

function stretch(spans: readonly WrittenSpan[]): Stretch {
  let at = 0;
  const begins = spans.map(({ points }) => {
    at += points.length;
    return at - points.length;
  });
  const [first] = spans;
  if (first && spans.length === 1) return { spans, begins, points: first.points, sums: first.sums };
  return {
    ...{ spans, begins, points: NO_POINTS.concat(...spans.map(({ points }) => points)) },
    sums: sumUp(spans.map(({ sums }) => sums)),
  };
}

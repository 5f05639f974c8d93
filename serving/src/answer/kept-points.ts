// The points of an answer as they were written last, by list of windows: one whose numbers were not made anew is not
// written anew (kept-spans.ts of the overlay), and not looked at. Lists that follow each other are put together, so that
// an answer is made of few of them.
import type { AnswerPoint, WindowPoints } from "@tandem/shared-logic";
import { type SpanSums, spanSums, sumUp } from "./window-sums.ts";

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
}

/** Hours of a day. */
const STRETCH_SPANS = 24;
const NO_POINTS: readonly AnswerPoint[] = [];

/** Of one question. */
export class KeptPoints {
  private known: boolean | undefined;
  private spans: readonly WrittenSpan[] = [];
  private stretches: readonly Stretch[] = [];

  /** Of each list, in order: what `write` gives of its windows, or gave of the same ones when `known` was the same. */
  of(
    spans: readonly (readonly WindowPoints[])[],
    known: boolean,
    write: (window: WindowPoints) => readonly AnswerPoint[],
  ): readonly Written[] {
    const find = finder(this.known === known ? this.spans : []);
    const written = spans.map((windows): WrittenSpan => {
      const was = find(windows);
      return was?.windows === windows ? was : writtenSpan(windows, write, was);
    });
    const stretches: Stretch[] = [];
    for (let from = 0; from < written.length; from += STRETCH_SPANS) {
      const before = this.stretches[from / STRETCH_SPANS];
      const until = Math.min(written.length, from + STRETCH_SPANS);
      stretches.push(
        isOf(before, written, from, until) ? before : stretch(written.slice(from, until)),
      );
    }
    this.known = known;
    this.spans = written;
    this.stretches = stretches;
    return stretches;
  }
}

/**
 * Each list as it was written, or the one that began then or next; lists are asked for in the order of their windows, and
 * some may be gone or new.
 */
function finder(
  spans: readonly WrittenSpan[],
): (windows: readonly WindowPoints[]) => WrittenSpan | undefined {
  let at = 0;
  return (windows) => {
    const from = windows[0]?.window.from;
    if (from === undefined) return undefined;
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
  for (let i = 0; i < windows.length; i++) {
    const window = windows[i]!;
    if (was !== undefined && was.windows[i] === window)
      for (let n = was.ends[i - 1] ?? 0; n < was.ends[i]!; n++) points.push(was.points[n]!);
    else for (const point of write(window)) points.push(point);
    ends.push(points.length);
  }
  return { windows, points, ends, sums: spanSums(windows) };
}

/** At that moment or later. */
const begins = ({ windows }: WrittenSpan, from: number): boolean =>
  windows[0] !== undefined && windows[0].window.from >= from;

function isOf(
  kept: Stretch | undefined,
  spans: readonly WrittenSpan[],
  from: number,
  until: number,
): kept is Stretch {
  if (kept?.spans.length !== until - from) return false;
  for (let i = from; i < until; i++) if (kept.spans[i - from] !== spans[i]) return false;
  return true;
}

function stretch(spans: readonly WrittenSpan[]): Stretch {
  const [first] = spans;
  if (first && spans.length === 1) return { spans, points: first.points, sums: first.sums };
  return {
    spans,
    points: NO_POINTS.concat(...spans.map(({ points }) => points)),
    sums: sumUp(spans.map(({ sums }) => sums)),
  };
}

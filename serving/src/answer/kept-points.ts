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

  /** Of each list, in order: what `write` gives of its windows, or gave of the same list when `known` was the same. */
  of(
    spans: readonly (readonly WindowPoints[])[],
    known: boolean,
    write: (window: WindowPoints) => readonly AnswerPoint[],
  ): readonly Written[] {
    const find = finder(this.known === known ? this.spans : []);
    const written = spans.map(
      (windows): WrittenSpan =>
        find(windows) ?? { windows, points: windows.flatMap(write), sums: spanSums(windows) },
    );
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

/** Each list as it was written; lists are asked for in the order of their windows, and some may be gone or new. */
function finder(
  spans: readonly WrittenSpan[],
): (windows: readonly WindowPoints[]) => WrittenSpan | undefined {
  let at = 0;
  return (windows) => {
    const from = windows[0]?.window.from;
    if (from === undefined) return undefined;
    while (at < spans.length && spans[at]!.windows !== windows && !begins(spans[at]!, from)) at++;
    const found = spans[at];
    return found?.windows === windows ? found : undefined;
  };
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

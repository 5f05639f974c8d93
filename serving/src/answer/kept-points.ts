// The points of an answer as they were written last, by window: one whose numbers were not made anew is not written
// anew (kept-spans.ts of the overlay).
import type { AnswerPoint, WindowPoints } from "@tandem/shared-logic";

/** Of one question. */
export class KeptPoints {
  private known: boolean | undefined;
  private windows: readonly WindowPoints[] = [];
  private points: readonly (readonly AnswerPoint[])[] = [];

  /** Of each window, in order: what `write` gives, or gave for the same window when `known` was the same. */
  of(
    windows: readonly WindowPoints[],
    known: boolean,
    write: (window: WindowPoints) => readonly AnswerPoint[],
  ): readonly (readonly AnswerPoint[])[] {
    const before = this.known === known ? this.windows : [];
    const points = windows.map((window, i) => {
      const own = before[i] === window ? this.points[i] : undefined;
      return own ?? write(window);
    });
    this.known = known;
    this.windows = windows;
    this.points = points;
    return points;
  }
}

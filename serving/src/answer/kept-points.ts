// The points of an answer as they were written last, by window: one whose numbers were not made anew is not written
// anew (kept-spans.ts of the overlay).
import type { AnswerPoint, WindowPoints } from "@tandem/shared-logic";

/** Of one question. */
export class KeptPoints {
  private known: boolean | undefined;
  private windows: readonly WindowPoints[] = [];
  private points: readonly AnswerPoint[] = [];
  /** Where in `points` those of each window begin, and last where they end. */
  private begins = Uint32Array.of(0);

  /** Of each window, in order: what `write` gives, or gave for the same window when `known` was the same. */
  of(
    windows: readonly WindowPoints[],
    known: boolean,
    write: (window: WindowPoints) => readonly AnswerPoint[],
  ): AnswerPoint[] {
    const before = this.known === known ? this.windows : [];
    const begins = new Uint32Array(windows.length + 1);
    const points = new Array<AnswerPoint>(before.length > 0 ? this.points.length : 0);
    let at = 0;
    for (let i = 0; i < windows.length; i++) {
      const window = windows[i]!;
      if (window === before[i]) {
        const end = this.begins[i + 1]!;
        for (let was = this.begins[i]!; was < end; was++) points[at++] = this.points[was]!;
      } else for (const point of write(window)) points[at++] = point;
      begins[i + 1] = at;
    }
    points.length = at;
    this.known = known;
    this.windows = windows;
    this.points = points;
    this.begins = begins;
    return points;
  }
}

// The points of an answer as they were written last, by list of windows: one whose numbers were not made anew is not
// written anew (kept-spans.ts of the overlay), and not looked at.
import type { AnswerPoint, WindowPoints } from "@tandem/shared-logic";
import { type SpanSums, spanSums } from "./window-sums.ts";

export interface WrittenSpan {
  readonly points: readonly AnswerPoint[];
  readonly sums: SpanSums;
}

/** Of one question. */
export class KeptPoints {
  private known: boolean | undefined;
  private spans: ReadonlyMap<readonly WindowPoints[], WrittenSpan> = new Map();

  /** Of each list, in order: what `write` gives of its windows, or gave of the same list when `known` was the same. */
  of(
    spans: readonly (readonly WindowPoints[])[],
    known: boolean,
    write: (window: WindowPoints) => readonly AnswerPoint[],
  ): WrittenSpan[] {
    const before = this.known === known ? this.spans : undefined;
    const written = spans.map(
      (windows): WrittenSpan =>
        before?.get(windows) ?? { points: windows.flatMap(write), sums: spanSums(windows) },
    );
    this.known = known;
    this.spans = new Map(spans.map((windows, i) => [windows, written[i]!]));
    return written;
  }
}

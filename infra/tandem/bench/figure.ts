// What a row of the benchmark has to say, and how it is printed. A figure that misses its goal is told as
// it is; only a result that is wrong fails the run.
import type { Measured } from "./goals.ts";

export interface Figure {
  readonly row: string;
  readonly what: string;
  /** Empty where the figure is for information. */
  readonly goal: string;
  readonly figure: string;
  readonly met?: boolean;
  /** Why the result does not count. */
  readonly wrong?: string;
  /** Of a goal (goals.ts): what is kept of it. */
  readonly measured?: Measured;
}

export type Row = (say: (line: string) => void) => Promise<readonly Figure[]>;

const verdict = (f: Figure): string =>
  f.wrong !== undefined
    ? `WRONG: ${f.wrong}`
    : f.met === undefined
      ? ""
      : f.met
        ? "met"
        : "not met";

export function tableOf(figures: readonly Figure[]): string {
  const lines = [
    ["row", "what", "goal", "figure", ""],
    ...figures.map((f) => [f.row, f.what, f.goal, f.figure, verdict(f)]),
  ];
  const widths = [0, 1, 2, 3].map((c) => Math.max(...lines.map((l) => l[c]!.length)));
  return lines
    .map((l) =>
      l
        .map((cell, c) => cell.padEnd(widths[c] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

// NDJSON: of each answer one line with all but its points, then a line for each point. Every line bears its metric,
// and its role: answer, point, total or compare.
import type { Answer } from "@tandem/shared-logic";
import { rowsOf } from "./rows.ts";

export function answersNdjson(answers: readonly Answer[]): string {
  const lines: string[] = [];
  for (const answer of answers) {
    const { metric, points: _p, total: _t, compare, ...rest } = answer;
    const { points: _c, ...compared } = compare ?? { points: [] };
    const more = compare ? { compare: compared } : {};
    lines.push(JSON.stringify({ metric, role: "answer", ...rest, ...more }));
    for (const { role, point } of rowsOf([answer]))
      lines.push(JSON.stringify({ metric, role, ...point }));
  }
  return `${lines.join("\n")}\n`;
}

// Answers as rows of one table: their points, those of totals and of the windows compared with, told apart by
// `role`. The dimensions are those of all answers.
import type { Answer, AnswerPoint } from "@tandem/shared-logic";

export interface Row {
  readonly answer: Answer;
  readonly role: "point" | "total" | "compare";
  readonly point: AnswerPoint;
}

export const dimensionsOf = (answers: readonly Answer[]): string[] => [
  ...new Set(answers.flatMap((a) => a.by)),
];

export function* rowsOf(answers: readonly Answer[]): Generator<Row> {
  for (const answer of answers) {
    for (const point of answer.points) yield { answer, role: "point", point };
    for (const point of answer.total ?? []) yield { answer, role: "total", point };
    for (const point of answer.compare?.points ?? []) yield { answer, role: "compare", point };
  }
}

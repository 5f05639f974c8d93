// What is asked of a system: one question per metric, grain and grouping, however many figures follow from
// its answer, and the points of that answer by window and group.
import type { Answer, AnswerPoint } from "@tandem/shared-logic";
import type { Expectation } from "./reference.ts";
import type { Question, System } from "./system.ts";

/** Every question that was asked, by its words, with what was answered. */
export type Asked = Map<string, Promise<Answer>>;

export const wordsOf = (q: Question): string =>
  [q.metric, q.grain, ...(q.by.length > 0 ? [`by ${q.by.join(",")}`] : [])].join(" ");

export interface Asker {
  readonly asked: Asked;
  ask(question: Question): Promise<Answer>;
  /** The point that an expectation speaks of; of another metric where one is named. */
  point(e: Expectation, metric?: string): Promise<AnswerPoint | undefined>;
}

export function askerOf(system: System, range: { from: string; until: string }): Asker {
  const asked: Asked = new Map();
  const indexed = new Map<Answer, ReadonlyMap<string, AnswerPoint>>();
  const ask = (question: Question): Promise<Answer> => {
    const words = wordsOf(question);
    const answer = asked.get(words) ?? system.query(question, range);
    asked.set(words, answer);
    return answer;
  };
  return {
    asked,
    ask,
    async point(e, metric = e.metric) {
      const by = e.type === undefined ? [] : ["event_type"];
      const answer = await ask({ metric, grain: e.grain, by });
      const points = indexed.get(answer) ?? indexOf(answer, e.grain);
      indexed.set(answer, points);
      return (
        points.get(pointKey(e.from, e.type)) ??
        points.get(pointKey(`${range.from}T00:00:00Z`, e.type))
      );
    },
  };
}

const pointKey = (from: string, type: string | undefined): string => `${from}|${type ?? ""}`;

function indexOf(answer: Answer, grain: string): ReadonlyMap<string, AnswerPoint> {
  const points = new Map<string, AnswerPoint>();
  for (const p of answer.points) {
    const type = p.by?.["event_type"] ?? undefined;
    points.set(pointKey(grain === "total" ? "" : p.from, type), p);
  }
  return points;
}

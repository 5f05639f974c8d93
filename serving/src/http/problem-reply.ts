// A problem as the API tells it.
import type { ProblemCode, QueryProblem } from "../query/problem.ts";
import { jsonReply, type Reply } from "./reply.ts";

const STATUS: Readonly<Record<ProblemCode, number>> = {
  bad_query: 400,
  unknown_metric: 404,
  too_much: 422,
  too_uncertain: 422,
  not_yet: 409,
  cursor_gone: 410,
};
/** Positions move with every flush; an embedded one is half a second away. */
const RETRY_S = "1";

export function problemReply(problem: QueryProblem): Reply {
  const { code, parameter, expected, got } = problem;
  const message = `${parameter}: expected ${expected}; got ${got}.`;
  const headers = code === "not_yet" ? { "Retry-After": RETRY_S } : undefined;
  return jsonReply(STATUS[code], { error: { ...problem, message } }, headers);
}

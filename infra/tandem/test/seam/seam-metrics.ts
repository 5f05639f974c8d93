// The metrics of the simulation: ordinary declarations. `tally` adds 4^n for the n-th event, so that an
// event counted twice cannot hide behind a lost one; `added` is the same, activated later by a cut.
import {
  count,
  decimal,
  distinct,
  fieldsOf,
  type Metric,
  metric,
  perUser,
  sessions,
  sum,
  user,
} from "@tandem/shared-logic";
import type { Question } from "./told-log.ts";

const declare = (name: string, reducer: Metric["reducer"]): Metric =>
  metric({ name, title: name, unit: "events", version: 1, reducer, examples: [] });

const bits = (): Metric["reducer"] => sum(decimal("properties.bit", { scale: 0 }));
export const tally = declare("tally", bits());
export const added = declare("added", bits());
export const events = declare("events", count());
export const users = declare("users", distinct(user()));
export const visits = declare("visits", perUser(sessions()));

/** Active from genesis. */
export const FIRST_METRICS = [tally, events, users, visits];
export const SEAM_METRICS = [...FIRST_METRICS, added];
export const SEAM_FIELDS = [...new Set(["tenant", "event_id", ...SEAM_METRICS.flatMap(fieldsOf)])];

const QUESTIONS = new Map<Metric, Question>([
  [tally, "tally"],
  [added, "tally"],
  [events, "count"],
  [users, "users"],
  [visits, "sessions"],
]);

export const questionOf = (m: Metric): Question => QUESTIONS.get(m) ?? "tally";
export const metricOf = (fp: string): Metric | undefined =>
  SEAM_METRICS.find((m) => m.fingerprint === fp);

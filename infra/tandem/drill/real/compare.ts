// What is asked against a plain recount of what was sent: within its interval while the speed layer
// answers, to the last digit once batch has run.
import type { Answer } from "@tandem/shared-logic";
import { type PlainEvent, plainSessions, plainValue } from "../../test/parity/plain-oracle.ts";

export type Ask = (metric: string, more?: string) => Promise<Answer | undefined>;

const METRICS = [
  "events",
  "purchases",
  "revenue",
  "active_users",
  "average_order_value",
  "error_rate",
  "sessions",
  "session_length",
] as const;
/** Those whose twin in the speed layer is exact but for doubt. */
const COUNTED = ["events", "purchases", "revenue"] as const;
const PLATFORM = "context.platform";

/** What is not yet, or not any more, as it was sent; empty where all is. */
export async function compareSpeed(ask: Ask, events: readonly PlainEvent[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const metric of COUNTED) {
    const answer = await ask(metric);
    if (!answer) return [`${metric} is not answered`];
    if (answer.missing.length > 0) wrong.push(`missing: ${JSON.stringify(answer.missing)}`);
    const behind = answer.degraded.filter((code) => /^(stale_since|lag|flush)/.test(code));
    if (behind.length > 0) wrong.push(`${metric}: ${behind.join(", ")}`);
    const doubt = answer.suspected + answer.unchecked;
    for (const p of answer.points) {
      const [from, until] = [Date.parse(p.from), Date.parse(p.until)];
      const truth = plainValue(metric, events, [], from, until);
      const inside = Number(p.low) <= Number(truth) && Number(truth) <= Number(p.high);
      if (inside && (doubt > 0 || String(p.value) === truth)) continue;
      wrong.push(
        `${metric} of ${p.from.slice(0, 10)}: ${p.value} (${p.low} to ${p.high}), sent: ${truth}`,
      );
    }
  }
  return wrong;
}

/** The same of every metric, in total and by platform, from batch and exactly. */
export async function compareBatch(
  ask: Ask,
  events: readonly PlainEvent[],
): Promise<{ readonly values: number; readonly wrong: string[] }> {
  const sessions = plainSessions(events);
  const wrong: string[] = [];
  let values = 0;
  for (const metric of METRICS) {
    for (const dim of [undefined, PLATFORM]) {
      const answer = await ask(metric, dim === undefined ? "" : `&by=${dim}`);
      if (!answer) {
        wrong.push(`${metric} is not answered`);
        continue;
      }
      for (const p of answer.points) {
        const [from, until] = [Date.parse(p.from), Date.parse(p.until)];
        const value = p.by?.[PLATFORM];
        const truth = plainValue(metric, events, sessions, from, until, dim, value);
        values++;
        const got = p.value === null ? null : String(p.value);
        if (got === truth && p.exact && p.layer === "batch") continue;
        wrong.push(
          `${metric} ${value ?? ""} of ${p.from.slice(0, 10)}: ${p.value} (${p.layer}${p.exact ? "" : ", not exact"}), sent: ${truth}`,
        );
      }
    }
  }
  return { values, wrong };
}

// One event of a request: the record that goes to the log, or what is wrong with it.
import {
  type AppendRecord,
  CLOCK_TOLERANCE_MS,
  type EpochMs,
  EventFacts,
  type EventLimits,
  importReceivedMs,
  makeImportedRecord,
  makeRecord,
  type Problem,
  partitionKey,
  partitionOf,
  type Recording,
  validateEvent,
} from "@tandem/shared-logic";

/** `import`: received when the event says it was, or when it happened. */
export type AcceptMode = "live" | "import";

export interface Judging extends Recording {
  readonly mode: AcceptMode;
  readonly now: EpochMs;
}

/** The record of an event that validation has just looked at, or its problems (at least one). */
export function judgeEvent(
  facts: EventFacts | readonly Problem[],
  { tenant, mode, now, partitions, take }: Judging,
): AppendRecord | readonly Problem[] {
  if (!(facts instanceof EventFacts)) return facts;
  if (mode === "import" && importReceivedMs(facts) > now + CLOCK_TOLERANCE_MS) return FUTURE;
  const key = partitionKey(facts, tenant, take);
  const value =
    mode === "import"
      ? makeImportedRecord(facts, tenant, take)
      : makeRecord(facts, tenant, now, take);
  return { partition: partitionOf(key, partitions), key, value };
}

const FUTURE: readonly Problem[] = [
  {
    reason: "future_time",
    path: "timestamp",
    expected: "at most 5 minutes from now",
    got: "a later time",
  },
];

const decoder = new TextDecoder();

/** The id of an event that is known to be a good one. */
export function eventIdOf(
  body: Uint8Array,
  from: number,
  until: number,
  limits: EventLimits,
): string {
  const facts = validateEvent(body, from, until, limits);
  return facts instanceof EventFacts ? decoder.decode(facts.eventId.view()) : "";
}

// What the collector counts, as plain numbers. For events `sent = accepted + retry + rejected` holds
// whenever no request is under way; requests refused as a whole stand in `refused` by code.
import { REASONS, type Reason } from "@tandem/shared-logic";
import { REFUSALS, type RefusalCode } from "./refusal.ts";

export interface CollectorCounters {
  requests: number;
  /** Clients that went away before their body was complete. */
  aborted: number;
  /** Of complete bodies, as they came over the wire and as they were decoded. */
  bodyBytes: number;
  decodedBytes: number;
  sent: number;
  accepted: number;
  retry: number;
  rejected: number;
  /** Rejected events that could not be kept for looking at; they are in `rejected` all the same. */
  deadLettersLost: number;
  readonly rejectedBy: Record<Reason, number>;
  readonly refusedBy: Record<RefusalCode, number>;
}

function zeros<K extends string>(of: Readonly<Record<K, unknown>>): Record<K, number> {
  return Object.fromEntries(Object.keys(of).map((key) => [key, 0])) as Record<K, number>;
}

export function collectorCounters(): CollectorCounters {
  return {
    requests: 0,
    aborted: 0,
    bodyBytes: 0,
    decodedBytes: 0,
    sent: 0,
    accepted: 0,
    retry: 0,
    rejected: 0,
    deadLettersLost: 0,
    rejectedBy: zeros(REASONS),
    refusedBy: zeros(REFUSALS),
  };
}

// Where the collector puts records: a log, or one with a spool before it. An accepted record has no offset
// yet where it waits in the spool; then its request has no receipt. Only the collector writes through a
// sink: a cut is no cut before it has its offset.

import type { AppendRecord, EventLog } from "@tandem/shared-logic";

export type SinkResult =
  /** `spooled`: the log may have been tried first and may still hold on to the record's bytes. */
  | {
      readonly ok: true;
      readonly spooled?: boolean;
      readonly partition?: number;
      /** Absent where the record waits in the spool. */
      readonly offset?: number;
    }
  | { readonly ok: false; readonly error: Error };

/** `EventLog` (ports/event-log.ts, 1 to 3 and 12) without offsets. */
export interface EventSink extends Pick<EventLog, "recordChecks"> {
  partitions(dataset: string): Promise<number>;
  append(dataset: string, records: readonly AppendRecord[]): Promise<readonly SinkResult[]>;
}

// Where the collector puts records: a log, or one with a spool before it. An accepted record has no offset
// yet where it waits in the spool; nothing in the collector asks for one. Only the collector writes through a
// sink: a cut is no cut before it has its offset.

import type { AppendRecord } from "@tandem/shared-logic";

export type SinkResult =
  /** `spooled`: the log may have been tried first and may still hold on to the record's bytes. */
  { readonly ok: true; readonly spooled?: boolean } | { readonly ok: false; readonly error: Error };

/** `EventLog` (ports/event-log.ts, 1 to 3 and 12) without offsets. */
export interface EventSink {
  partitions(dataset: string): Promise<number>;
  append(dataset: string, records: readonly AppendRecord[]): Promise<readonly SinkResult[]>;
}

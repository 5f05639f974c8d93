// What was rejected, kept for a while so that somebody can look at it. Notification copies: no layer
// reads them back, and a full or failing store never stops the events that are good.
//
// 1. `add` keeps entries in the order given, under ids whose byte order is the order of adding, also
//    across a reopening. What it resolved, `list` and `count` see at once.
// 2. Of a longer event the first `entryBytes` are kept: `truncated` says so, `eventBytes` is its length.
// 3. Never more than `totalBytes` are stored, each entry counted with its envelope; the oldest go
//    first, perhaps several at once, and are counted in `dropped`. The newest entry stays.
// 4. An entry received `retentionMs` ago or longer is neither listed nor counted.
// 5. `list` gives entries in id order strictly after `after`, `limit` of them at most, only one tenant's
//    where `tenant` is given.
// 6. Entries survive `close` and reopening; a crash may take the last ones, never others.
// 7. A store that cannot write rejects `add` with `store_unavailable`; entries may then be lost.
import type { Problem, Reason } from "../events/problem.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

export interface RejectedEvent {
  readonly tenant: string;
  readonly receivedMs: EpochMs;
  readonly reason: Reason;
  readonly problems: readonly Problem[];
  /** As sent. The store copies what it keeps. */
  readonly bytes: Uint8Array;
}

export interface DeadLetter extends RejectedEvent {
  readonly id: string;
  /** Length of the event as sent; `bytes` may be shorter. */
  readonly eventBytes: number;
  readonly truncated: boolean;
}

export interface DeadLetterQuery {
  readonly tenant?: string;
  readonly after?: string;
  readonly limit: number;
}

export interface DeadLetterCount {
  readonly entries: number;
  readonly sizeBytes: number;
  /** Entries given up for space since the store was made. */
  readonly dropped: number;
}

export interface DeadLetterLimits {
  readonly totalBytes: number;
  readonly entryBytes: number;
  readonly retentionMs: number;
}

export const DEAD_LETTER_LIMITS: DeadLetterLimits = {
  totalBytes: 100_000_000,
  entryBytes: 65_536,
  retentionMs: 14 * 86_400_000,
};

export interface DeadLetters {
  add(events: readonly RejectedEvent[]): Promise<void>;
  list(query: DeadLetterQuery): Promise<readonly DeadLetter[]>;
  count(): Promise<DeadLetterCount>;
  close(): Promise<void>;
}

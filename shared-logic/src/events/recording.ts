import type { TakeBytes } from "./record.ts";

/** What a collector decides for all events of a request. */
export interface Recording {
  /** UTF-8. */
  readonly tenant: Uint8Array;
  readonly now: number;
  readonly partitions: number;
  /** Where the records' bytes and keys stand. */
  readonly take: TakeBytes;
  /** The log keeps a check with each record. */
  readonly checked: boolean;
}

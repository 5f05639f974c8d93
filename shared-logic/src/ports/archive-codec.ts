// How log records become archive objects and columns again.
//
// 1. `encode` is deterministic: equal records, equal bytes. It holds every record of the range, cuts and
//    unreadable ones too, as rows with partition and offset, and each event's JSON byte for byte.
// 2. `columns` of an object equals the log's own columns of the same records, for every field asked.
// 3. Bytes that are no object of this codec throw `corrupt_bytes`.
// 4. `records` of an object are the records it was made of, byte for byte, at their offsets; with `rows`,
//    ascending, those rows of it alone.
import type { EventColumns } from "../events/event-columns.ts";
import type { Interner } from "../events/interner.ts";
import type { RecordBatch } from "./event-log.ts";

export interface ArchiveCodec {
  /** File name extension without a dot. */
  readonly extension: string;
  encode(partition: number, batches: readonly RecordBatch[]): Promise<Uint8Array>;
  /** Every record of the object, to be replayed or compared. */
  records(object: Uint8Array, rows?: readonly number[]): Promise<RecordBatch>;
  /**
   * Rows of the whole object, owned by the caller. `fields`: paths to be read beside the header.
   * `interners`, by path, may be shared by several objects, whose codes are then the same; missing ones
   * are added, and a codec may leave them unused.
   */
  columns(
    object: Uint8Array,
    fields: readonly string[],
    interners?: Map<string, Interner>,
  ): Promise<EventColumns>;
}

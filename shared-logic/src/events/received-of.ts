// When the collector received the first event of a batch, from its header alone.
import type { RecordBatch } from "../ports/event-log.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { RECORD_EVENT, RECORD_HEADER_BYTES, RECORD_MAGIC } from "./record.ts";

const RECEIVED_AT = 44;
/** Records looked at: a foreign topic has none with a header. */
const LOOKED_AT = 16;

/** Undefined where none of the first few records has a header with it: cuts and foreign records have none. */
export function firstReceivedMs(batch: RecordBatch): EpochMs | undefined {
  const { bytes, starts, ends, count } = batch;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < Math.min(count, LOOKED_AT); i++) {
    const at = starts[i] ?? 0;
    if ((ends[i] ?? 0) - at < RECORD_HEADER_BYTES) continue;
    if (bytes[at] !== RECORD_MAGIC || bytes[at + 2] !== RECORD_EVENT) continue;
    return view.getFloat64(at + RECEIVED_AT, true) as EpochMs;
  }
  return undefined;
}

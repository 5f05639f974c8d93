// Copies of late events for whoever listens: those that were accepted and happened on a UTC day that had
// ended when they came. `{"tenant","receivedMs","timeMs","tooLate","event"}`, under the event's own key;
// `tooLate`: more than 72 hours late, so that only a heal on demand makes it exact. Published once durable; an event sent again comes again.
import {
  type AppendRecord,
  DAY_MS,
  FLAG_TOO_LATE,
  type Notifications,
  PackedRecord,
  RECORD_HEADER_BYTES,
} from "@tandem/shared-logic";
import type { SinkResult } from "./event-sink.ts";

const FLAGS_AT = 3;
const TIME_AT = 36;
const RECEIVED_AT = 44;
const TYPE_BYTES_AT = 54;
const TENANT_BYTES_AT = 52;
const NO_VIEW: DataView = new DataView(new ArrayBuffer(0));
const encoder = new TextEncoder();
const END = encoder.encode("}");

/** `records` are of one tenant, and nobody else's yet. */
export function announceLate(
  notifications: Pick<Notifications, "publish">,
  tenant: string,
  records: readonly AppendRecord[],
  durable: readonly SinkResult[],
): void {
  let bytes: Uint8Array | undefined;
  let view: DataView = NO_VIEW;
  for (let i = 0; i < records.length; i++) {
    const record = records[i]!;
    const packed = record instanceof PackedRecord;
    const own = packed ? record.bytes : record.value;
    // Packed records share their bytes, so that few need a view of their own.
    if (own !== bytes) view = new DataView(own.buffer, own.byteOffset, own.length);
    bytes = own;
    const at = packed ? record.valueAt : 0;
    const timeMs = view.getFloat64(at + TIME_AT, true);
    const receivedMs = view.getFloat64(at + RECEIVED_AT, true);
    if (Math.floor(timeMs / DAY_MS) >= Math.floor(receivedMs / DAY_MS)) continue;
    if (durable[i]?.ok !== true) continue;
    const { key, value } = record;
    const tooLate = ((value[FLAGS_AT] ?? 0) & FLAG_TOO_LATE) !== 0;
    const known = JSON.stringify({ tenant, receivedMs, timeMs, tooLate });
    const head = encoder.encode(`${known.slice(0, -1)},"event":`);
    const typeBytes = view.getUint16(at + TYPE_BYTES_AT, true);
    const tenantBytes = view.getUint16(at + TENANT_BYTES_AT, true);
    const json = value.subarray(RECORD_HEADER_BYTES + tenantBytes + typeBytes);
    const note = new Uint8Array(head.length + json.length + END.length);
    note.set(head);
    note.set(json, head.length);
    note.set(END, head.length + json.length);
    notifications.publish("late_events", key, note);
  }
}

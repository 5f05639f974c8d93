// A record on disk, little-endian: u32 length of the payload, u32 CRC-32 of the payload (zlib's, begun
// with the length in place of zero, so that it covers that too), then the payload: u32 key length,
// key, value. A frame is read only if it is whole and its CRC fits; zeros never do (no payload is empty).
import { type AppendRecord, PackedRecord } from "@tandem/shared-logic";
import { crc32 } from "../../crc/crc32.ts";

export const FRAME_HEADER_BYTES = 8;
const KEY_LENGTH_BYTES = 4;
/** Larger lengths are damage; larger records are refused. */
export const MAX_PAYLOAD_BYTES = 256 * 1024 * 1024;

/** Bytes of a record's frame. */
export function frameBytes(record: AppendRecord): number {
  const own =
    record instanceof PackedRecord
      ? record.end - record.keyAt
      : record.key.length + record.value.length;
  return FRAME_HEADER_BYTES + KEY_LENGTH_BYTES + own;
}

function u32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)) >>>
    0
  );
}

function setU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

const frameCrc = (bytes: Uint8Array, at: number, end: number): number =>
  crc32(bytes.subarray(at + FRAME_HEADER_BYTES, end), u32(bytes, at));

/** Writes a record's frame to bytes[at, end), which are as many as it takes, and returns where its value begins. */
export function writeFrame(
  bytes: Uint8Array,
  at: number,
  end: number,
  record: AppendRecord,
): number {
  const payload = at + FRAME_HEADER_BYTES;
  const keyAt = payload + KEY_LENGTH_BYTES;
  const packed = record instanceof PackedRecord;
  const keyBytes = packed ? record.valueAt - record.keyAt : record.key.length;
  const valueAt = keyAt + keyBytes;
  setU32(bytes, at, end - payload);
  setU32(bytes, payload, keyBytes);
  if (packed) {
    bytes.set(record.bytes.subarray(record.keyAt, record.end), keyAt);
  } else {
    bytes.set(record.key, keyAt);
    bytes.set(record.value, valueAt);
  }
  setU32(bytes, at + 4, (packed ? record.check : undefined) ?? frameCrc(bytes, at, end));
  return valueAt;
}

/** What `frameEnd` says where the bytes hold the beginning of a frame, or too few to tell. */
export const FRAME_CUT = -1;
/** What `frameEnd` says where the bytes are no frame. */
export const FRAME_BAD = -2;

/** End of the frame at `at` of bytes[0, until), or FRAME_CUT or FRAME_BAD. */
export function frameEnd(bytes: Uint8Array, at: number, until: number): number {
  if (until - at < FRAME_HEADER_BYTES) return FRAME_CUT;
  const length = u32(bytes, at);
  if (length < KEY_LENGTH_BYTES || length > MAX_PAYLOAD_BYTES) return FRAME_BAD;
  const end = at + FRAME_HEADER_BYTES + length;
  if (end > until) return FRAME_CUT;
  if (u32(bytes, at + 4) !== frameCrc(bytes, at, end)) return FRAME_BAD;
  return valueStart(bytes, at) > end ? FRAME_BAD : end;
}

/** Bytes of the whole frame that begins at `at`, by its header. */
export const claimedBytes = (bytes: Uint8Array, at: number): number =>
  FRAME_HEADER_BYTES + u32(bytes, at);

/** Where the value of a frame that `frameEnd` accepted begins. */
export const valueStart = (bytes: Uint8Array, at: number): number =>
  at + FRAME_HEADER_BYTES + KEY_LENGTH_BYTES + u32(bytes, at + FRAME_HEADER_BYTES);

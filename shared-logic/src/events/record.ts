// A log record: a small binary header with what the collector decided once, then the original JSON.
// Little-endian; header version 1:
//
//   0  u8  0xD1 (never the first byte of JSON or of UTF-8 text)      1  u8  version
//   2  u8  kind: 1 event, 2 cut                                      3  u8  flags (FLAG_*; user kind in bits 6 and 7)
//   4  4 × u32  hash of the event id        20  2 × u32  hash of the user key (0 without)
//   28 f64 timestamp as sent, ms            36  f64  decided time, ms       44  f64  received time, ms
//   52 u16 tenant length                    54  u16  event type length      56  tenant, type, JSON
//
// A cut's header has zeros and its body is the cut as JSON.
import { TandemError } from "../errors.ts";
import { type Cut, isCut } from "./cut.ts";

export const RECORD_MAGIC = 0xd1;
export const RECORD_VERSION = 1;
export const RECORD_HEADER_BYTES = 56;
export const RECORD_EVENT = 1;
export const RECORD_CUT = 2;

export interface RecordHeader {
  /** FLAG_* bits. */
  readonly flags: number;
  readonly userKind: number;
  /** Four lanes. */
  readonly idHash: Uint32Array;
  /** Two lanes. */
  readonly userHash: Uint32Array;
  readonly sentMs: number;
  readonly timeMs: number;
  readonly receivedMs: number;
  /** UTF-8. */
  readonly tenant: Uint8Array;
  readonly type: Uint8Array;
}

/** A part of some buffer. Where every event has one, a view for it would cost more than its copying. */
export interface BytesSlice {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly until: number;
}

/** Gives out `sizeBytes` bytes that nobody else has; what stands in them does not matter. */
export type TakeBytes = (sizeBytes: number) => Uint8Array;

export const ownBytes: TakeBytes = (sizeBytes) => new Uint8Array(sizeBytes);
/** The header is made here, so that no record needs a view of its own. */
const header = new Uint8Array(RECORD_HEADER_BYTES);
const headerView = new DataView(header.buffer);
header[0] = RECORD_MAGIC;
header[1] = RECORD_VERSION;
header[2] = RECORD_EVENT;

export function encodeRecord(h: RecordHeader, json: Uint8Array, take = ownBytes): Uint8Array {
  return encodeSlices(h, sliceOf(h.type), sliceOf(json), take);
}

const sliceOf = (bytes: Uint8Array): BytesSlice => ({ bytes, from: 0, until: bytes.length });

/** As encodeRecord, where type and JSON are parts of other buffers. */
export function encodeSlices(
  h: Omit<RecordHeader, "type">,
  type: BytesSlice,
  json: BytesSlice,
  take = ownBytes,
): Uint8Array {
  const { tenant } = h;
  const typeLength = type.until - type.from;
  header[3] = h.flags | (h.userKind << 6);
  for (let i = 0; i < 4; i++) headerView.setUint32(4 + 4 * i, h.idHash[i] ?? 0, true);
  for (let i = 0; i < 2; i++) headerView.setUint32(20 + 4 * i, h.userHash[i] ?? 0, true);
  headerView.setFloat64(28, h.sentMs, true);
  headerView.setFloat64(36, h.timeMs, true);
  headerView.setFloat64(44, h.receivedMs, true);
  headerView.setUint16(52, tenant.length, true);
  headerView.setUint16(54, typeLength, true);
  const jsonAt = RECORD_HEADER_BYTES + tenant.length + typeLength;
  const out = take(jsonAt + json.until - json.from);
  out.set(header);
  let at = RECORD_HEADER_BYTES;
  for (let i = 0; i < tenant.length; i++) out[at++] = tenant[i]!;
  for (let i = type.from; i < type.until; i++) out[at++] = type.bytes[i]!;
  out.set(json.bytes.subarray(json.from, json.until), jsonAt);
  return out;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export function encodeCut(cut: Cut): Uint8Array {
  const json = encoder.encode(JSON.stringify(cut));
  const out = new Uint8Array(RECORD_HEADER_BYTES + json.length);
  out[0] = RECORD_MAGIC;
  out[1] = RECORD_VERSION;
  out[2] = RECORD_CUT;
  out.set(json, RECORD_HEADER_BYTES);
  return out;
}

/** The cut in a record's bytes. Throws `corrupt_bytes`. */
export function decodeCut(record: Uint8Array): Cut {
  try {
    if (record[0] !== RECORD_MAGIC || record[2] !== RECORD_CUT) throw new TypeError("not a cut");
    const cut: unknown = JSON.parse(decoder.decode(record.subarray(RECORD_HEADER_BYTES)));
    if (isCut(cut)) return cut;
    throw new TypeError("not the shape of a cut");
  } catch (cause) {
    throw new TandemError("corrupt_bytes", { details: { what: "cut" }, cause });
  }
}

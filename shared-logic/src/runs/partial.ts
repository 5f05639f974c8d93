// A partial state: the exact blocks of one metric from one unit, as one object. Rows are sorted, so that
// equal states give equal bytes; a checksum over them stands at the end, because states are kept for long and
// gone on from.
//
//   u8 format (2), varint rows, the rows, four u32: murmur3 of all before
import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { TandemError } from "../errors.ts";
import type { BlockRow } from "../fold/keying.ts";
import { murmur3Lanes } from "../hash/murmur3.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

/** Raised when the bytes change; part of every run id. */
export const PARTIAL_FORMAT = 2;

const CHECKSUM_BYTES = 16;

export type PartialRow = Pick<
  BlockRow,
  "tenant" | "set" | "group" | "startMs" | "events" | "skipped" | "state"
>;

/** The order they are kept in. */
export const comparePartialRows = (a: PartialRow, b: PartialRow): number =>
  cmp(a.tenant, b.tenant) || a.set - b.set || a.startMs - b.startMs || cmp(a.group, b.group);
const cmp = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function encodePartial(rows: readonly PartialRow[]): Uint8Array {
  const out = new ByteWriter(1024).u8(PARTIAL_FORMAT).varint(rows.length);
  for (const r of [...rows].sort(comparePartialRows)) {
    out
      .text(r.tenant)
      .varint(r.set)
      .text(r.group)
      .f64(r.startMs)
      .varint(r.events)
      .varint(r.skipped)
      .bytes(r.state);
  }
  return out.u32s(checksumOf(out.view()), 4).done();
}

function checksumOf(bytes: Uint8Array): Uint32Array {
  const lanes = new Uint32Array(4);
  murmur3Lanes(bytes, 0, bytes.length, lanes);
  return lanes;
}

/** Throws `corrupt_bytes` on anything but what was written. */

export function decodePartial(bytes: Uint8Array): PartialRow[] {
  const end = Math.max(0, bytes.length - CHECKSUM_BYTES);
  const input = new ByteReader(bytes.subarray(0, end));
  const stated = new ByteReader(bytes.subarray(end));
  const damaged = (what: string): TandemError =>
    new TandemError("corrupt_bytes", { details: { what: `partial state: ${what}` } });
  if (end === 0 || input.u8() !== PARTIAL_FORMAT) throw damaged("format");
  if (checksumOf(bytes.subarray(0, end)).some((lane) => lane !== stated.u32()))
    throw damaged("checksum");
  const rows: PartialRow[] = [];
  for (let n = input.varint(); n > 0; n--) {
    rows.push({
      tenant: input.text(),
      set: input.varint(),
      group: input.text(),
      startMs: input.f64() as EpochMs,
      events: input.varint(),
      skipped: input.varint(),
      state: input.bytes(),
    });
  }
  input.end();
  return rows;
}

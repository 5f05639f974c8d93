// A partial state: the exact blocks of one metric from one unit, as one object. Rows are sorted, so that
// equal states give equal bytes.
import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { TandemError } from "../errors.ts";
import type { BlockRow } from "../fold/fold.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

/** Raised when the bytes change; part of every run id. */
export const PARTIAL_FORMAT = 1;

export type PartialRow = Pick<
  BlockRow,
  "tenant" | "set" | "group" | "startMs" | "events" | "skipped" | "state"
>;

const order = (a: PartialRow, b: PartialRow): number =>
  cmp(a.tenant, b.tenant) || a.set - b.set || a.startMs - b.startMs || cmp(a.group, b.group);
const cmp = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function encodePartial(rows: readonly PartialRow[]): Uint8Array {
  const out = new ByteWriter(1024).u8(PARTIAL_FORMAT).varint(rows.length);
  for (const r of [...rows].sort(order)) {
    out
      .text(r.tenant)
      .varint(r.set)
      .text(r.group)
      .f64(r.startMs)
      .varint(r.events)
      .varint(r.skipped)
      .bytes(r.state);
  }
  return out.done();
}

export function decodePartial(bytes: Uint8Array): PartialRow[] {
  const input = new ByteReader(bytes);
  if (input.u8() !== PARTIAL_FORMAT)
    throw new TandemError("corrupt_bytes", { details: { what: "partial state" } });
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

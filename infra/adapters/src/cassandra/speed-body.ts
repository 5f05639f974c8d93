// What a speed row holds beside its key, as one cell: Cassandra merges cell by cell, so two states of a row
// written at the same timestamp could mix if they were several. Where they differ, which no deterministic
// fold does, one of them stands whole.
//
//   varint to, varint events, varint skipped, then the state's bytes
import { ByteReader, ByteWriter, type SpeedRow } from "@tandem/shared-logic";

type Body = Pick<SpeedRow, "to" | "events" | "skipped" | "state">;

/** A copy: the caller may use the state's buffer again. */
export function encodeBody({ to, events, skipped, state }: Body): Buffer {
  const bytes = new ByteWriter(24 + state.length)
    .varint(to)
    .varint(events)
    .varint(skipped)
    .raw(state)
    .done();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function decodeBody(cell: Uint8Array): Body {
  const input = new ByteReader(cell);
  const [to, events, skipped] = [input.varint(), input.varint(), input.varint()];
  return { to, events, skipped, state: input.raw(input.left) };
}

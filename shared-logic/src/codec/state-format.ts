// The first byte of every encoded state: the format of its kind. Another one is not understood.
import { TandemError } from "../errors.ts";
import { ByteReader } from "./byte-reader.ts";

/** A reader behind the format byte. Throws `corrupt_bytes` where that is another. */
export function readState(bytes: Uint8Array, format: number, what: string): ByteReader {
  const reader = new ByteReader(bytes);
  const found = reader.u8();
  if (found !== format) {
    throw new TandemError("corrupt_bytes", { details: { what, format: found } });
  }
  return reader;
}

/** Throws `corrupt_bytes` unless `holds`. */
export function expectBytes(holds: boolean, what: string): asserts holds {
  if (!holds) throw new TandemError("corrupt_bytes", { details: { what } });
}

// CRC-32 of zlib and gzip (ISO 3309). Node's own zlib goes through many bytes in tables; a call of the binary costs more.
import { crc32 as zlibCrc32 } from "node:zlib";
import { crcBinary } from "./crc-binary.ts";

/** From here on the binary takes less time, calls included. */
const MANY_BYTES = 1024;

/** Continues from the CRC of what came before (0 at the start). */
export function crc32(bytes: Uint8Array, before = 0): number {
  if (bytes.length < MANY_BYTES || crcBinary === undefined) return zlibCrc32(bytes, before);
  return crcBinary.crc32(bytes, before);
}

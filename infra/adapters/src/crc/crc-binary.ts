// CRCs by the processor's instructions, where there is a binary for this platform.
import { createRequire } from "node:module";

export interface CrcBinary {
  /** CRC-32 of zlib and gzip, continuing from the CRC of what came before. */
  readonly crc32: (bytes: Uint8Array, before: number) => number;
  /** Castagnoli's. */
  readonly crc32c: (bytes: Uint8Array) => number;
}

function load(): CrcBinary | undefined {
  try {
    return createRequire(import.meta.url)("@node-rs/crc32") as CrcBinary;
  } catch {
    return undefined;
  }
}

export const crcBinary: CrcBinary | undefined = load();

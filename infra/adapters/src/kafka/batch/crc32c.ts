// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78; RFC 3720 appendix B.4) of record batches: by the processor's
// instructions where there is a binary for it, else slicing by 8 (Kounavis and Berry, 2005). node:zlib's crc32 is another code.
import { crcBinary } from "../../crc/crc-binary.ts";

type Crc32c = (bytes: Uint8Array) => number;

const POLYNOMIAL = 0x82f63b78;

/** In plain JavaScript, for platforms without a binary: some ten times slower. */
export function plainCrc32c(): Crc32c {
  const tables = slices();
  const at = (i: number): number => tables[i] as number;
  return (bytes) => {
    const b = bytes as { readonly [index: number]: number };
    let c = -1;
    let i = 0;
    for (const last = bytes.length - 8; i <= last; i += 8) {
      const [b0, b1, b2, b3] = [b[i] as number, b[i + 1] as number, b[i + 2] as number, b[i + 3]];
      const low = c ^ (b0 | (b1 << 8) | (b2 << 16) | ((b3 as number) << 24));
      c =
        at(1792 + (low & 255)) ^
        at(1536 + ((low >>> 8) & 255)) ^
        at(1280 + ((low >>> 16) & 255)) ^
        at(1024 + (low >>> 24)) ^
        at(768 + (b[i + 4] as number)) ^
        at(512 + (b[i + 5] as number)) ^
        at(256 + (b[i + 6] as number)) ^
        at(b[i + 7] as number);
    }
    for (; i < bytes.length; i++) c = (c >>> 8) ^ at((c ^ (b[i] as number)) & 255);
    return ~c >>> 0;
  };
}

/** Table k says what a byte does to the code when k more bytes follow. */
function slices(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let i = 0; i < 256; i++) {
    let c = i;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ POLYNOMIAL : c >>> 1;
    tables[i] = c;
  }
  for (let i = 256; i < tables.length; i++) {
    const c = tables[i - 256] as number;
    tables[i] = (c >>> 8) ^ (tables[c & 255] as number);
  }
  return tables;
}

export const crc32c: Crc32c = crcBinary?.crc32c ?? plainCrc32c();

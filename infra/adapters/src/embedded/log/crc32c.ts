// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78; RFC 3720 appendix B.4), slicing by 8
// (Kounavis and Berry, 2005): eight bytes a step with eight tables. node:zlib's crc32 is another code.

const POLYNOMIAL = 0x82f63b78;
const TABLES = new Int32Array(8 * 256);
for (let i = 0; i < 256; i++) {
  let c = i;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ POLYNOMIAL : c >>> 1;
  TABLES[i] = c;
}
for (let i = 256; i < TABLES.length; i++) {
  const c = TABLES[i - 256] ?? 0;
  TABLES[i] = (c >>> 8) ^ (TABLES[c & 255] ?? 0);
}

/** CRC-32C of bytes[from, until), continuing from the CRC of what came before (0 at the start). */
export function crc32c(bytes: Uint8Array, from = 0, until = bytes.length, before = 0): number {
  const t = TABLES;
  const b = bytes as { readonly [index: number]: number };
  const at = t as { readonly [index: number]: number };
  let c = ~before;
  let i = from;
  for (const last = until - 8; i <= last; i += 8) {
    const low =
      c ^ (byte(b, i) | (byte(b, i + 1) << 8) | (byte(b, i + 2) << 16) | (byte(b, i + 3) << 24));
    c =
      byte(at, 1792 + (low & 255)) ^
      byte(at, 1536 + ((low >>> 8) & 255)) ^
      byte(at, 1280 + ((low >>> 16) & 255)) ^
      byte(at, 1024 + (low >>> 24)) ^
      byte(at, 768 + byte(b, i + 4)) ^
      byte(at, 512 + byte(b, i + 5)) ^
      byte(at, 256 + byte(b, i + 6)) ^
      byte(at, byte(b, i + 7));
  }
  for (; i < until; i++) c = (c >>> 8) ^ byte(at, (c ^ byte(b, i)) & 255);
  return ~c >>> 0;
}

function byte(array: { readonly [index: number]: number }, index: number): number {
  return array[index] as number;
}

// CRC-32 of zlib, sixteen bytes a step, each of them by a table of its own (Kounavis and Berry, 2005).
import { CRC_TABLES } from "./memory-layout";

const POLYNOMIAL: u32 = 0xedb88320;
let filled = false;

@inline
function table(k: i32, byte: u32): u32 {
  return load<u32>(CRC_TABLES + (k << 10) + (byte << 2));
}

/** The tables, for whoever makes records: others need none. */
function fill(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let c = byte;
    for (let i = 0; i < 8; i++) c = c & 1 ? (c >> 1) ^ POLYNOMIAL : c >> 1;
    store<u32>(CRC_TABLES + (byte << 2), c);
  }
  for (let k = 1; k < 16; k++) {
    for (let byte: u32 = 0; byte < 256; byte++) {
      const before = table(k - 1, byte);
      store<u32>(CRC_TABLES + (k << 10) + (byte << 2), (before >> 8) ^ table(0, before & 255));
    }
  }
  filled = true;
}

/** What four bytes at once give, the last of them `behind` bytes before the end of a step. */
@inline
function word(w: u32, behind: i32): u32 {
  return table(behind + 3, w & 255) ^ table(behind + 2, (w >> 8) & 255) ^ table(behind + 1, (w >> 16) & 255) ^
    table(behind, w >> 24);
}

/** packed-record.ts (`check`): of the record whose key begins at `from`. */
export function recordCheck(from: i32, keyBytes: i32, end: i32): u32 {
  if (!filled) fill();
  let c = word(~(4 + end - from) ^ keyBytes, 0);
  let at = from;
  for (; at + 16 <= end; at += 16) {
    c = word(c ^ load<u32>(at), 12) ^ word(load<u32>(at + 4), 8) ^ word(load<u32>(at + 8), 4) ^ word(load<u32>(at + 12), 0);
  }
  for (; at + 4 <= end; at += 4) c = word(c ^ load<u32>(at), 0);
  for (; at < end; at++) c = (c >> 8) ^ table(0, (c ^ load<u8>(at)) & 255);
  return ~c;
}

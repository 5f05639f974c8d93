// Log records of events, key and value (partition-key.ts, record.ts).
import { recordCheck } from "./crc32";
import { anonymousIdSlot, eventIdSlot, eventTypeSlot, sessionIdSlot, textLength, userIdSlot } from "./event-facts";
import {
  CHECKS, ENDS, FLAGS, ID_HASHES, KEY_AT, PARTITIONS, RECEIVED_MS, SENT_MS, STARTS, TENANT, TIME_MS, USER_HASHES,
  USER_KINDS, VALUE_AT, VALUE_END,
} from "./memory-layout";
import { murmur2 } from "./murmur2";
import { arrayAt, endOf, shift, startOf } from "./region";

/** partition-key.ts: the slot of who an event is of. */
function keySlot(row: i32): i32 {
  if (textLength(userIdSlot, row) > 0) return userIdSlot;
  if (textLength(anonymousIdSlot, row) > 0) return anonymousIdSlot;
  return textLength(sessionIdSlot, row) > 0 ? sessionIdSlot : eventIdSlot;
}

/** Copies slot text to `to`; where it ends. */
@inline
function copyText(slot: i32, row: i32, to: i32): i32 {
  const start = startOf(slot, row);
  const length = endOf(slot, row) - start;
  memory.copy(to, start, length);
  return to + length;
}

/** record.ts: header version 1, then tenant, type and JSON. */
function record(row: i32, tenantBytes: i32, out: i32): i32 {
  store<u16>(out, 0x01d1);
  store<u8>(out + 2, 1);
  store<u8>(out + 3, load<u8>(FLAGS + row) | (load<u8>(USER_KINDS + row) << 6));
  v128.store(out + 4, v128.load(ID_HASHES + (row << 4)));
  store<u64>(out + 20, load<u64>(USER_HASHES + (row << 3)));
  store<f64>(out + 28, load<f64>(SENT_MS + (row << 3)));
  store<f64>(out + 36, load<f64>(TIME_MS + (row << 3)));
  store<f64>(out + 44, load<f64>(RECEIVED_MS + (row << 3)));
  store<u16>(out + 52, <u16>tenantBytes);
  store<u16>(out + 54, <u16>textLength(eventTypeSlot, row));
  memory.copy(out + 56, TENANT, tenantBytes);
  const json = copyText(eventTypeSlot, row, out + 56 + tenantBytes);
  const from = arrayAt(STARTS, row) + shift;
  const length = arrayAt(ENDS, row) + shift - from;
  memory.copy(json, from, length);
  return json + length;
}

/** The log records of rows 0 … count − 1, all GOOD, of the tenant in TENANT, to `out`, where they are `checked` with CHECKS; where they end. */
export function encode(count: i32, tenantBytes: i32, partitions: i32, out: i32, checked: bool): i32 {
  let at = out;
  for (let row = 0; row < count; row++) {
    const key = at;
    memory.copy(at, TENANT, tenantBytes);
    store<u8>(at + tenantBytes, 0x3a);
    at = copyText(keySlot(row), row, at + tenantBytes + 1);
    store<i32>(KEY_AT + (row << 2), key - out);
    store<i32>(VALUE_AT + (row << 2), at - out);
    const keyBytes = at - key;
    const hash = murmur2(key, keyBytes) & 0x7fffffff;
    store<i32>(PARTITIONS + (row << 2), hash % partitions);
    at = record(row, tenantBytes, at);
    store<i32>(VALUE_END + (row << 2), at - out);
    if (checked) store<u32>(CHECKS + (row << 2), recordCheck(key, keyBytes, at));
  }
  return at;
}

// Third stage: what an event says of itself (event-validator.ts, event-hashes.ts, decide-time.ts).
import { NOT_A_TIME, quickInstant } from "./instant";
import { isDigit, QUOTE, spaceEnd } from "./json-grammar";
import {
  ENDS, FLAGS, GOOD, ID_HASHES, KNOWN, NESTED, NULL, NUMBER, RECEIVED_MS, SENT_MS, STARTS, STATUS, TEXT, TIME_MS,
  USER_HASHES, USER_KINDS,
} from "./memory-layout";
import { murmur3 } from "./murmur3";
import { arrayAt, byte, endOf, escapedOf, kindOf, lengthOf, shift, startOf } from "./region";

export let eventIdSlot: i32 = 0;
export let eventTypeSlot: i32 = 0;
let timestampSlot: i32 = 0;
export let userIdSlot: i32 = 0;
export let anonymousIdSlot: i32 = 0;
export let sessionIdSlot: i32 = 0;
let sentAtSlot: i32 = 0;
let receivedAtSlot: i32 = 0;
let versionSlot: i32 = 0;
let propertiesSlot: i32 = 0;
let contextSlot: i32 = 0;
let eventBytes: i32 = 0;
let idBytes: i32 = 0;

export function eventSlots(
  eventId: i32,
  eventType: i32,
  timestamp: i32,
  userId: i32,
  anonymousId: i32,
  sessionId: i32,
  sentAt: i32,
  receivedAt: i32,
  version: i32,
  properties: i32,
  context: i32,
): void {
  eventIdSlot = eventId;
  eventTypeSlot = eventType;
  timestampSlot = timestamp;
  userIdSlot = userId;
  anonymousIdSlot = anonymousId;
  sessionIdSlot = sessionId;
  sentAtSlot = sentAt;
  receivedAtSlot = receivedAt;
  versionSlot = version;
  propertiesSlot = properties;
  contextSlot = context;
}

export function limits(event: i32, id: i32): void {
  eventBytes = event;
  idBytes = id;
}

/** The length of an optional text, 0 without; -1 where the twin is to look. */
@inline
export function textLength(slot: i32, row: i32): i32 {
  const kind = kindOf(slot, row);
  if (kind == TEXT) {
    const length = lengthOf(slot, row);
    return escapedOf(slot, row) == 0 && length <= idBytes ? length : -1;
  }
  return kind <= NULL ? 0 : -1;
}

@inline
function isObject(slot: i32, row: i32): bool {
  const kind = kindOf(slot, row);
  return kind <= NULL || (kind == NESTED && byte(startOf(slot, row)) == 0x7b);
}

/** Years 1970 to 9999. */
const MAX_TIME_MS: i64 = 253402300799999;

/** As many digits as MAX_TIME_MS has. */
const TIME_DIGITS: i32 = 15;

/** number-text.ts: the whole number of milliseconds in plain digits, or NOT_A_TIME where the twin is to look. */
function milliseconds(from: i32, until: i32): i64 {
  if (until - from > TIME_DIGITS) return NOT_A_TIME;
  let ms: i64 = 0;
  for (let i = from; i < until; i++) {
    if (!isDigit(byte(i))) return NOT_A_TIME;
    ms = ms * 10 + (byte(i) - 0x30);
  }
  return ms <= MAX_TIME_MS ? ms : NOT_A_TIME;
}

/** The moment in a text or a number, or NOT_A_TIME where the twin is to look. */
function timeAt(slot: i32, row: i32): i64 {
  if (kindOf(slot, row) == NUMBER) return milliseconds(startOf(slot, row), endOf(slot, row));
  if (kindOf(slot, row) != TEXT || escapedOf(slot, row) != 0) return NOT_A_TIME;
  const ms = quickInstant(startOf(slot, row), endOf(slot, row));
  return ms >= 0 && ms <= MAX_TIME_MS ? ms : NOT_A_TIME;
}

export const USER_NONE: u8 = 0;
export const USER_ID: u8 = 1;
export const USER_ANONYMOUS: u8 = 2;

/** event-hashes.ts. */
@inline
export function userPrefix(kind: u8): u8 {
  return kind == USER_ID ? 0x75 : 0x61;
}

/** event-hashes.ts. */
function hashUser(row: i32, userLength: i32, anonymousLength: i32): void {
  const out = USER_HASHES + (row << 3);
  const kind = userLength > 0 ? USER_ID : anonymousLength > 0 ? USER_ANONYMOUS : USER_NONE;
  store<u8>(USER_KINDS + row, kind);
  if (kind == USER_NONE) {
    store<u64>(out, 0);
    return;
  }
  const slot = kind == USER_ID ? userIdSlot : anonymousIdSlot;
  // The prefix takes the place of the opening quote.
  murmur3(startOf(slot, row) - 1, endOf(slot, row), out, false, QUOTE ^ userPrefix(kind));
}

const CLOCK_TOLERANCE_MS: i64 = 5 * 60000;

const TOO_LATE_MS: i64 = 72 * 3600000;

const FLAG_TOO_LATE: u8 = 1;

const FLAG_FUTURE: u8 = 2;

const FLAG_CLOCK_CORRECTED: u8 = 4;

const FLAG_IMPORTED: u8 = 8;

/** decide-time.ts; `sentAt` is NOT_A_TIME where nothing is known. */
@inline
function decide(row: i32, sent: i64, sentAt: i64, received: i64, flag: u8): void {
  let time = sent;
  let flags = flag;
  if (sentAt != NOT_A_TIME && abs<i64>(received - sentAt) > CLOCK_TOLERANCE_MS) {
    time = max<i64>(0, sent + (received - sentAt));
    flags |= FLAG_CLOCK_CORRECTED;
  }
  if (time > received + CLOCK_TOLERANCE_MS) {
    time = received;
    flags |= FLAG_FUTURE;
  }
  if (time < received - TOO_LATE_MS) flags |= FLAG_TOO_LATE;
  store<f64>(SENT_MS + (row << 3), <f64>sent);
  store<f64>(TIME_MS + (row << 3), <f64>time);
  store<f64>(RECEIVED_MS + (row << 3), <f64>received);
  store<u8>(FLAGS + row, flags);
}

function fact(row: i32, imported: bool, now: i64): bool {
  if (arrayAt(ENDS, row) - arrayAt(STARTS, row) > eventBytes) return false;
  const from = arrayAt(STARTS, row) + shift;
  if (byte(from) != 0x7b && byte(spaceEnd(from, arrayAt(ENDS, row) + shift)) != 0x7b) return false;
  if (textLength(eventIdSlot, row) <= 0 || textLength(eventTypeSlot, row) <= 0) return false;
  const userLength = textLength(userIdSlot, row);
  const anonymousLength = textLength(anonymousIdSlot, row);
  if (userLength < 0 || anonymousLength < 0 || textLength(sessionIdSlot, row) < 0) return false;
  if (kindOf(versionSlot, row) > NUMBER) return false;
  if (!isObject(propertiesSlot, row) || !isObject(contextSlot, row)) return false;
  const sent = timeAt(timestampSlot, row);
  if (sent == NOT_A_TIME) return false;
  let sentAt = NOT_A_TIME;
  if (kindOf(sentAtSlot, row) > NULL) {
    sentAt = timeAt(sentAtSlot, row);
    if (sentAt == NOT_A_TIME) return false;
  }
  let received = now;
  if (imported) {
    received = sent;
    if (kindOf(receivedAtSlot, row) > NULL) {
      received = timeAt(receivedAtSlot, row);
      if (received == NOT_A_TIME) return false;
    }
    sentAt = NOT_A_TIME;
  }
  decide(row, sent, sentAt, received, imported ? FLAG_IMPORTED : 0);
  murmur3(startOf(eventIdSlot, row), endOf(eventIdSlot, row), ID_HASHES + (row << 4), true, 0);
  hashUser(row, userLength, anonymousLength);
  return true;
}

/** Facts of rows from … until − 1 that are KNOWN: those found good become GOOD. How many did. */
export function facts(from: i32, until: i32, imported: bool, now: f64): i32 {
  let good = 0;
  for (let row = from; row < until; row++) {
    if (load<u8>(STATUS + row) != KNOWN || !fact(row, imported, <i64>now)) continue;
    store<u8>(STATUS + row, GOOD);
    good++;
  }
  return good;
}

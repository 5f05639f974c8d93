// Events by SIMD, in AssemblyScript: the fast twin of what ShapeScanner.match and EventValidator do in plain
// JavaScript, for many texts of one buffer at a time. It says yes only where those two would, with the same
// slots and facts; whatever it does not know (a new shape, an escaped id, a number as time) it leaves to them.
// `make kernels` compiles it into src/events/kernels/event-kernel-module.ts.

// --- What stands where in memory; the caller reads these by name. ---

/** Rows at a time. */
export const ROWS: i32 = 1024;
/** Of the tree of shapes (shape-tree.ts), array by array. */
export const NODES: i32 = 1024;
export const SEGMENT_BYTES: i32 = 65536;
export const MARKS: i32 = 4096;
export const SEGMENTS: i32 = 64;
export const FROM: i32 = SEGMENTS + SEGMENT_BYTES;
export const LENGTH: i32 = FROM + 4 * NODES;
export const FIRST: i32 = LENGTH + 4 * NODES;
export const NEXT: i32 = FIRST + 4 * NODES;
export const SLOT: i32 = NEXT + 4 * NODES;
export const FIRST_MARK: i32 = SLOT + 4 * NODES;
export const MARK_COUNT: i32 = FIRST_MARK + 4 * NODES;
export const MARK_SLOTS: i32 = MARK_COUNT + 4 * NODES;
export const MARK_ATS: i32 = MARK_SLOTS + 4 * MARKS;
export const MARK_KINDS: i32 = MARK_ATS + 4 * MARKS;
/** By row: where a text stands, i32 in the caller's bytes. */
export const STARTS: i32 = MARK_KINDS + MARKS;
export const ENDS: i32 = STARTS + 4 * ROWS;
/** By row: UNKNOWN, KNOWN (slots hold) or GOOD (facts hold too); u8. */
export const STATUS: i32 = ENDS + 4 * ROWS;
/** By row: facts of an event. f64, then u32 lanes, then u8. */
export const SENT_MS: i32 = STATUS + ROWS;
export const TIME_MS: i32 = SENT_MS + 8 * ROWS;
export const RECEIVED_MS: i32 = TIME_MS + 8 * ROWS;
export const ID_HASHES: i32 = RECEIVED_MS + 8 * ROWS;
export const USER_HASHES: i32 = ID_HASHES + 16 * ROWS;
export const USER_KINDS: i32 = USER_HASHES + 8 * ROWS;
export const FLAGS: i32 = USER_KINDS + ROWS;
/** By row: a text's code in its slot's dictionary, NO_TEXT or PENDING; i32. Then the rows that brought new ones. */
export const CODES: i32 = FLAGS + ROWS;
export const NEW_ROWS: i32 = CODES + 4 * ROWS;
/** By row: where its log record's key begins, its value, and both end, behind `encode`'s `out`; its partition. */
export const KEY_AT: i32 = NEW_ROWS + 4 * ROWS;
export const VALUE_AT: i32 = KEY_AT + 4 * ROWS;
export const VALUE_END: i32 = VALUE_AT + 4 * ROWS;
export const PARTITIONS: i32 = VALUE_END + 4 * ROWS;
export const TENANT: i32 = PARTITIONS + 4 * ROWS;
export const TENANT_BYTES: i32 = 256;
/** By slot a plane of `PLANE` bytes: kinds u8, starts i32, ends i32, escaped u8, each by row. */
export const PLANES: i32 = TENANT + TENANT_BYTES;
export const PLANE: i32 = 10 * ROWS;
/** A dictionary: how many texts it holds, then seats of 24 bytes: sixteen bytes of text, its length + 1, its code. */
export const SEATS: i32 = 512;
export const DICTIONARY: i32 = 8 + 24 * SEATS;

const UNKNOWN: u8 = 0;
const KNOWN: u8 = 1;
const GOOD: u8 = 2;

const ABSENT: u8 = 0;
const NULL: u8 = 1;
const TEXT: u8 = 2;
const NUMBER: u8 = 3;
const TRUE: u8 = 4;
const FALSE: u8 = 5;
const NESTED: u8 = 6;

const QUOTE: u32 = 0x22;
const BACKSLASH: u32 = 0x5c;
const NO_SHAPE: i32 = -1;
/** A node's slot where the text ends. */
const END: i32 = -2;
const OPENS: u8 = 0;

// --- First stage: which bytes do not stand for themselves inside a string (simdjson's). ---

/** A bit for each byte of [from, until), a multiple of 16, to `out`. */
export function mark(from: i32, until: i32, out: i32): void {
  const quote = i8x16.splat(0x22);
  const backslash = i8x16.splat(0x5c);
  const control = i8x16.splat(0x20);
  for (; from < until; from += 16, out += 2) {
    const v = v128.load(from);
    // As signed bytes, those of more than seven bits lie below the controls.
    const special = v128.or(
      v128.or(i8x16.eq(v, quote), i8x16.eq(v, backslash)),
      i8x16.lt_s(v, control),
    );
    store<u16>(out, <u16>i8x16.bitmask(special));
  }
}

// --- Second stage: texts by the shapes seen before. ---

/** Bytes of the region and its marks; addresses below are memory's, `shift` leads to the caller's positions. */
let bytesAt: i32 = 0;
let wordsAt: i32 = 0;
let shift: i32 = 0;
let slotCount: i32 = 0;

/** The region [from, …) of the caller's bytes stands at `at`, its marks at `marks`. */
export function region(at: i32, marks: i32, from: i32, slots: i32): void {
  bytesAt = at;
  wordsAt = marks;
  shift = at - from;
  slotCount = slots;
}

@inline
function byte(at: i32): u32 {
  return load<u8>(at);
}

@inline
function arrayAt(base: i32, i: i32): i32 {
  return load<i32>(base + (i << 2));
}

/** The first marked byte at `i` or behind, `until` or more without. */
@inline
function nextMarked(i: i32, until: i32): i32 {
  const at = i - bytesAt;
  let w = at >> 6;
  let word = load<u64>(wordsAt + (w << 3)) & (~(<u64>0) << (at & 63));
  const last = until - bytesAt;
  while (word == 0) {
    if (++w << 6 >= last) return until;
    word = load<u64>(wordsAt + (w << 3));
  }
  return bytesAt + (w << 6) + <i32>ctz(word);
}

/** Whether `n` bytes at `a` and `b` are equal. */
@inline
function same(a: i32, b: i32, n: i32): bool {
  if (n >= 16) {
    const tail = n - 16;
    if (v128.any_true(v128.xor(v128.load(a + tail), v128.load(b + tail)))) return false;
    for (let i = 0; i < tail; i += 16) {
      if (v128.any_true(v128.xor(v128.load(a + i), v128.load(b + i)))) return false;
    }
    return true;
  }
  if (n >= 8) {
    const tail = n - 8;
    return ((load<u64>(a + tail) ^ load<u64>(b + tail)) | (load<u64>(a) ^ load<u64>(b))) == 0;
  }
  if (n >= 4) {
    const tail = n - 4;
    return ((load<u32>(a + tail) ^ load<u32>(b + tail)) | (load<u32>(a) ^ load<u32>(b))) == 0;
  }
  for (let i = 0; i < n; i++) if (byte(a + i) != byte(b + i)) return false;
  return true;
}

/** utf8.ts. */
function utf8Length(i: i32, until: i32): i32 {
  const lead = byte(i);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (i + length > until) return 0;
  const second = byte(i + 1);
  const lowest: u32 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const highest: u32 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let j = 2; j < length; j++) if ((byte(i + j) & 0xc0) != 0x80) return 0;
  return length;
}

function isHex(c: u32): bool {
  const letter = c | 0x20;
  return (c >= 0x30 && c <= 0x39) || (letter >= 0x61 && letter <= 0x66);
}

function escapes(c: u32): bool {
  // " \ / b f n r t
  return (
    c == 0x22 || c == 0x5c || c == 0x2f || c == 0x62 || c == 0x66 || c == 0x6e || c == 0x72 || c == 0x74
  );
}

/** Set by stringEnd where it met a backslash. */
let backslash: u8 = 0;

/** json-grammar.ts, from a special byte on: the end behind the closing quote, or NO_SHAPE. */
function stringEnd(from: i32, until: i32): i32 {
  let i = from;
  while (i < until) {
    const c = byte(i);
    if (c == QUOTE) return i + 1;
    if (c >= 0x80) {
      const length = utf8Length(i, until);
      if (length == 0) return NO_SHAPE;
      i += length;
    } else if (c == BACKSLASH) {
      backslash = 1;
      if (i + 1 >= until) return NO_SHAPE;
      const letter = byte(i + 1);
      if (letter == 0x75) {
        if (i + 6 > until) return NO_SHAPE;
        for (let j = i + 2; j < i + 6; j++) if (!isHex(byte(j))) return NO_SHAPE;
        i += 6;
      } else {
        if (!escapes(letter)) return NO_SHAPE;
        i += 2;
      }
    } else if (c < 0x20) return NO_SHAPE;
    else {
      i = nextMarked(i, until);
    }
  }
  return NO_SHAPE;
}

@inline
function isDigit(c: u32): bool {
  return c - 0x30 < 10;
}

function digitsEnd(from: i32, until: i32): i32 {
  let i = from;
  while (i < until && isDigit(byte(i))) i++;
  return i;
}

/** json-grammar.ts. */
function numberEnd(from: i32, until: i32): i32 {
  let i = from;
  if (byte(i) == 0x2d) i++;
  if (i >= until || !isDigit(byte(i))) return NO_SHAPE;
  i = byte(i) == 0x30 ? i + 1 : digitsEnd(i, until);
  if (i < until && byte(i) == 0x2e) {
    const fraction = i + 1;
    i = digitsEnd(fraction, until);
    if (i == fraction) return NO_SHAPE;
  }
  if (i < until && (byte(i) | 0x20) == 0x65) {
    i++;
    if (i < until && (byte(i) == 0x2b || byte(i) == 0x2d)) i++;
    const exponent = i;
    i = digitsEnd(exponent, until);
    if (i == exponent) return NO_SHAPE;
  }
  return i;
}

/** json-grammar.ts. */
function literalEnd(from: i32, until: i32): i32 {
  const left = until - from;
  if (left < 4) return NO_SHAPE;
  const word = load<u32>(from);
  if (word == 0x65757274 || word == 0x6c6c756e) return from + 4;
  if (word == 0x736c6166 && left >= 5 && byte(from + 4) == 0x65) return from + 5;
  return NO_SHAPE;
}

function spaceEnd(from: i32, until: i32): i32 {
  let i = from;
  while (i < until) {
    const c = byte(i);
    if (c > 0x20 || (c != 0x20 && c != 0x0a && c != 0x0d && c != 0x09)) break;
    i++;
  }
  return i;
}

@inline
function plane(slot: i32): i32 {
  return PLANES + slot * PLANE;
}

@inline
function put(slot: i32, row: i32, kind: u8, start: i32, end: i32, escaped: u8): void {
  const at = plane(slot);
  store<u8>(at + row, kind);
  store<i32>(at + ROWS + (row << 2), start - shift);
  store<i32>(at + 5 * ROWS + (row << 2), end - shift);
  store<u8>(at + 9 * ROWS + row, escaped);
}

function applyMarks(node: i32, at: i32, row: i32): void {
  const from = arrayAt(FIRST_MARK, node);
  const until = from + arrayAt(MARK_COUNT, node);
  for (let m = from; m < until; m++) {
    const to = plane(arrayAt(MARK_SLOTS, m));
    const position = at + arrayAt(MARK_ATS, m) - shift;
    if (load<u8>(MARK_KINDS + m) == OPENS) {
      store<u8>(to + row, NESTED);
      store<i32>(to + ROWS + (row << 2), position);
    } else store<i32>(to + 5 * ROWS + (row << 2), position);
  }
}

/** The end of the value at `from`, where it follows a known shape to its end, or NO_SHAPE. */
function value(from: i32, until: i32, row: i32): i32 {
  for (let s = 0; s < slotCount; s++) store<u8>(plane(s) + row, ABSENT);
  let i = from;
  let node = 0;
  while (true) {
    node = arrayAt(FIRST, node);
    let length = 0;
    while (true) {
      if (node < 0) return NO_SHAPE;
      length = arrayAt(LENGTH, node);
      if (i + length <= until && same(i, SEGMENTS + arrayAt(FROM, node), length)) break;
      node = arrayAt(NEXT, node);
    }
    if (arrayAt(MARK_COUNT, node) > 0) applyMarks(node, i, row);
    i += length;
    const slot = arrayAt(SLOT, node);
    if (slot == END) return i;
    if (i >= until) return NO_SHAPE;
    const start = i;
    const c = byte(i);
    if (c == QUOTE) {
      const special = nextMarked(i + 1, until);
      if (special >= until) return NO_SHAPE;
      backslash = 0;
      i = byte(special) == QUOTE ? special + 1 : stringEnd(special, until);
      if (i < 0) return NO_SHAPE;
      if (slot >= 0) put(slot, row, TEXT, start + 1, i - 1, backslash);
      continue;
    }
    let kind: u8 = NUMBER;
    if (c == 0x2d || isDigit(c)) i = numberEnd(start, until);
    else {
      i = literalEnd(start, until);
      kind = c == 0x74 ? TRUE : c == 0x66 ? FALSE : NULL;
    }
    if (i < 0) return NO_SHAPE;
    if (slot >= 0) put(slot, row, kind, start, i, 0);
  }
}

/** Rows 0 … count − 1 of STARTS and ENDS: their slots, and STATUS; how many are KNOWN. */
export function match(count: i32): i32 {
  let known = 0;
  for (let row = 0; row < count; row++) {
    const from = arrayAt(STARTS, row) + shift;
    const until = arrayAt(ENDS, row) + shift;
    const end = from < until ? value(from, until, row) : NO_SHAPE;
    const whole = end >= 0 && spaceEnd(end, until) == until;
    store<u8>(STATUS + row, whole ? KNOWN : UNKNOWN);
    known += whole ? 1 : 0;
  }
  return known;
}

let walked: i32 = 0;

/** How many rows `elements` made. */
export function walkedRows(): i32 {
  return walked;
}

/**
 * The elements of an array from `at` on, where one begins, as rows 0, 1, …, at most `most`: their slots, STARTS, ENDS
 * and STATUS. As long as they are known and a comma and more follow, or the array's end and nothing. The
 * result is where the next one begins, or `until`.
 */
export function elements(at: i32, until: i32, most: i32): i32 {
  let i = at + shift;
  const last = until + shift;
  walked = 0;
  while (walked < most && i < last) {
    const end = value(i, last, walked);
    if (end < 0) break;
    const behind = spaceEnd(end, last);
    if (behind >= last) break;
    const next = spaceEnd(behind + 1, last);
    const closes = byte(behind) == 0x5d && next == last;
    if (!closes && (byte(behind) != 0x2c || next == last)) break;
    store<i32>(STARTS + (walked << 2), i - shift);
    store<i32>(ENDS + (walked << 2), end - shift);
    store<u8>(STATUS + walked, KNOWN);
    walked++;
    i = next;
  }
  return i - shift;
}

// --- Third stage: what an event says of itself. ---

let eventIdSlot: i32 = 0;
let eventTypeSlot: i32 = 0;
let timestampSlot: i32 = 0;
let userIdSlot: i32 = 0;
let anonymousIdSlot: i32 = 0;
let sessionIdSlot: i32 = 0;
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

@inline
function kindOf(slot: i32, row: i32): u8 {
  return load<u8>(plane(slot) + row);
}

@inline
function startOf(slot: i32, row: i32): i32 {
  return load<i32>(plane(slot) + ROWS + (row << 2)) + shift;
}

@inline
function endOf(slot: i32, row: i32): i32 {
  return load<i32>(plane(slot) + 5 * ROWS + (row << 2)) + shift;
}

@inline
function escapedOf(slot: i32, row: i32): u8 {
  return load<u8>(plane(slot) + 9 * ROWS + row);
}

/** The length of an optional text, 0 without; -1 where the twin is to look. */
@inline
function textLength(slot: i32, row: i32): i32 {
  const kind = kindOf(slot, row);
  if (kind == TEXT) {
    const length = endOf(slot, row) - startOf(slot, row);
    return escapedOf(slot, row) == 0 && length <= idBytes ? length : -1;
  }
  return kind <= NULL ? 0 : -1;
}

@inline
function isObject(slot: i32, row: i32): bool {
  const kind = kindOf(slot, row);
  return kind <= NULL || (kind == NESTED && byte(startOf(slot, row)) == 0x7b);
}

/** Two digits, or less than 0. */
@inline
function two(i: i32): i32 {
  const tens = byte(i) - 0x30;
  const ones = byte(i + 1) - 0x30;
  return tens < 10 && ones < 10 ? <i32>(tens * 10 + ones) : -10000;
}

const NOT_A_TIME: i64 = i64.MIN_VALUE;
/** The day read last: most events are of the same one. */
let lastDayText: u64 = 0;
let lastDayTail: u32 = 0;
let lastDayMs: i64 = NOT_A_TIME;

/** Days since the epoch (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
function daysFromCivil(y: i32, m: i32, d: i32): i32 {
  const year = m <= 2 ? y - 1 : y;
  const era = (year >= 0 ? year : year - 399) / 400;
  const yearOfEra = year - era * 400;
  const dayOfYear = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

function monthDays(year: i32, month: i32): i32 {
  if (month == 2) return year % 4 != 0 || (year % 100 == 0 && year % 400 != 0) ? 28 : 29;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

function readDay(i: i32): i64 {
  const year = two(i) * 100 + two(i + 2);
  const month = two(i + 5);
  const day = two(i + 8);
  if (two(i) < 0 || two(i + 2) < 0 || byte(i + 4) != 0x2d || byte(i + 7) != 0x2d) return NOT_A_TIME;
  if (month < 1 || month > 12 || day < 1 || day > monthDays(year, month)) return NOT_A_TIME;
  return <i64>daysFromCivil(year, month, day) * 86400000;
}

/** instant-bytes.ts. */
function instant(from: i32, until: i32): i64 {
  if (until - from < 10) return NOT_A_TIME;
  const text = load<u64>(from);
  const tail = <u32>load<u16>(from + 8);
  if (text != lastDayText || tail != lastDayTail) {
    lastDayMs = readDay(from);
    lastDayText = text;
    lastDayTail = tail;
  }
  let ms = lastDayMs;
  if (ms == NOT_A_TIME) return NOT_A_TIME;
  let i = from + 10;
  if (i == until) return ms;
  if ((byte(i) | 0x20) != 0x74 && byte(i) != 0x20) return NOT_A_TIME;
  i++;
  if (i + 5 > until || byte(i + 2) != 0x3a) return NOT_A_TIME;
  const hour = two(i);
  const minute = two(i + 3);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return NOT_A_TIME;
  ms += <i64>(hour * 60 + minute) * 60000;
  i += 5;
  if (i < until && byte(i) == 0x3a) {
    if (i + 3 > until) return NOT_A_TIME;
    const second = two(i + 1);
    if (second < 0 || second > 59) return NOT_A_TIME;
    ms += second * 1000;
    i += 3;
    if (i < until && (byte(i) == 0x2e || byte(i) == 0x2c)) {
      const digits = i + 1;
      for (i = digits; i < until && isDigit(byte(i)); i++) {
        const n = i - digits;
        if (n < 3) ms += <i64>(byte(i) - 0x30) * (n == 0 ? 100 : n == 1 ? 10 : 1);
      }
      if (i == digits || i - digits > 9) return NOT_A_TIME;
    }
  }
  if (i == until) return ms;
  const sign = byte(i++);
  if ((sign | 0x20) == 0x7a) return i == until ? ms : NOT_A_TIME;
  if (sign != 0x2b && sign != 0x2d) return NOT_A_TIME;
  if (i + 4 > until) return NOT_A_TIME;
  const hours = two(i);
  i += 2;
  if (byte(i) == 0x3a) i++;
  if (i + 2 != until) return NOT_A_TIME;
  const minutes = two(i);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return NOT_A_TIME;
  const offset = <i64>(hours * 60 + minutes) * 60000;
  return sign == 0x2d ? ms + offset : ms - offset;
}

/** Years 1970 to 9999. */
const MAX_TIME_MS: i64 = 253402300799999;

/** The moment in a text, or NOT_A_TIME where the twin is to look. */
function timeAt(slot: i32, row: i32): i64 {
  if (kindOf(slot, row) != TEXT || escapedOf(slot, row) != 0) return NOT_A_TIME;
  const ms = instant(startOf(slot, row), endOf(slot, row));
  return ms >= 0 && ms <= MAX_TIME_MS ? ms : NOT_A_TIME;
}

@inline
function fmix(h: u32): u32 {
  let x = h ^ (h >> 16);
  x *= 0x85ebca6b;
  x ^= x >> 13;
  x *= 0xc2b2ae35;
  return x ^ (x >> 16);
}

const C1: u32 = 0x239b961b;
const C2: u32 = 0xab0e9789;
const C3: u32 = 0x38b34ae5;
const C4: u32 = 0xa1e38b93;

/** murmur3.ts: the first `lanes` lanes of the hash of [from, until) to `out`. */
function murmur3(from: i32, until: i32, out: i32, four: bool): void {
  const length = until - from;
  let h1: u32 = 0;
  let h2: u32 = 0;
  let h3: u32 = 0;
  let h4: u32 = 0;
  let i = from;
  for (const end = from + (length & ~15); i < end; i += 16) {
    h1 ^= rotl<u32>(load<u32>(i) * C1, 15) * C2;
    h1 = (rotl<u32>(h1, 19) + h2) * 5 + 0x561ccd1b;
    h2 ^= rotl<u32>(load<u32>(i + 4) * C2, 16) * C3;
    h2 = (rotl<u32>(h2, 17) + h3) * 5 + 0x0bcaa747;
    h3 ^= rotl<u32>(load<u32>(i + 8) * C3, 17) * C4;
    h3 = (rotl<u32>(h3, 15) + h4) * 5 + 0x96cd1c35;
    h4 ^= rotl<u32>(load<u32>(i + 12) * C4, 18) * C1;
    h4 = (rotl<u32>(h4, 13) + h1) * 5 + 0x32ac3b17;
  }
  const rest = length & 15;
  if (rest > 0) {
    let k1: u32 = 0;
    let k2: u32 = 0;
    let k3: u32 = 0;
    let k4: u32 = 0;
    for (let j = rest - 1; j >= 12; j--) k4 = (k4 << 8) | byte(i + j);
    if (rest >= 12) k3 = load<u32>(i + 8);
    else for (let j = rest - 1; j >= 8; j--) k3 = (k3 << 8) | byte(i + j);
    if (rest >= 8) k2 = load<u32>(i + 4);
    else for (let j = rest - 1; j >= 4; j--) k2 = (k2 << 8) | byte(i + j);
    if (rest >= 4) k1 = load<u32>(i);
    else for (let j = rest - 1; j >= 0; j--) k1 = (k1 << 8) | byte(i + j);
    if (rest > 12) h4 ^= rotl<u32>(k4 * C4, 18) * C1;
    if (rest > 8) h3 ^= rotl<u32>(k3 * C3, 17) * C4;
    if (rest > 4) h2 ^= rotl<u32>(k2 * C2, 16) * C3;
    h1 ^= rotl<u32>(k1 * C1, 15) * C2;
  }
  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 += h2 + h3 + h4;
  h2 = fmix(h2 + h1);
  h3 = fmix(h3 + h1);
  h4 = fmix(h4 + h1);
  h1 = fmix(h1);
  h1 += h2 + h3 + h4;
  store<u32>(out, h1);
  store<u32>(out + 4, h2 + h1);
  if (!four) return;
  store<u32>(out + 8, h3 + h1);
  store<u32>(out + 12, h4 + h1);
}

const USER_NONE: u8 = 0;
const USER_ID: u8 = 1;
const USER_ANONYMOUS: u8 = 2;

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
  // The prefix takes the place of the opening quote while the key is hashed.
  const start = startOf(slot, row) - 1;
  store<u8>(start, kind == USER_ID ? 0x75 : 0x61);
  murmur3(start, endOf(slot, row), out, false);
  store<u8>(start, QUOTE);
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
  if (byte(spaceEnd(from, arrayAt(ENDS, row) + shift)) != 0x7b) return false;
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
  murmur3(startOf(eventIdSlot, row), endOf(eventIdSlot, row), ID_HASHES + (row << 4), true);
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

// --- Codes: which texts of a slot are the same. ---

const NO_TEXT: i32 = -1;
/** Left to the twin: no room, too long, escaped, or a row that is not known. */
const PENDING: i32 = -2;
const MOST_TEXTS: i32 = 384;

/** Forgets what the dictionary holds. */
export function forget(dictionary: i32): void {
  memory.fill(dictionary, 0, DICTIONARY);
}

/** The code of [start, end), at most 16 bytes; a new one is the dictionary's size. */
@inline
function codeOf(dictionary: i32, start: i32, length: i32): i32 {
  let low = load<u64>(start);
  let high: u64 = 0;
  if (length < 8) low &= (<u64>1 << (<u64>length << 3)) - 1;
  else if (length < 16) high = load<u64>(start + 8) & ((<u64>1 << (<u64>(length - 8) << 3)) - 1);
  else high = load<u64>(start + 8);
  const mixed = (low ^ rotl<u64>(high + length, 29)) * 0x9e3779b97f4a7c15;
  let seat = <i32>((mixed ^ (mixed >> 32)) >> 20) & (SEATS - 1);
  while (true) {
    const at = dictionary + 8 + 24 * seat;
    const taken = load<i32>(at + 16);
    if (taken == 0) {
      const size = load<i32>(dictionary);
      if (size == MOST_TEXTS) return PENDING;
      store<u64>(at, low);
      store<u64>(at + 8, high);
      store<i32>(at + 16, length + 1);
      store<i32>(at + 20, size);
      store<i32>(dictionary, size + 1);
      return size;
    }
    if (taken == length + 1 && load<u64>(at) == low && load<u64>(at + 8) == high) {
      return load<i32>(at + 20);
    }
    seat = (seat + 1) & (SEATS - 1);
  }
}

/** CODES of rows 0 … count − 1 of a slot; how many texts are new, in the order of NEW_ROWS. */
export function codes(slot: i32, count: i32, dictionary: i32): i32 {
  let fresh = 0;
  for (let row = 0; row < count; row++) {
    let code = PENDING;
    if (load<u8>(STATUS + row) != UNKNOWN) {
      const kind = kindOf(slot, row);
      if (kind < TEXT || kind == NESTED) code = NO_TEXT;
      else if (escapedOf(slot, row) == 0) {
        const start = startOf(slot, row);
        const length = endOf(slot, row) - start;
        if (length <= 16) {
          const before = load<i32>(dictionary);
          code = codeOf(dictionary, start, length);
          if (code == before) store<i32>(NEW_ROWS + (fresh++ << 2), row);
        }
      }
    }
    store<i32>(CODES + (row << 2), code);
  }
  return fresh;
}

// --- Log records of events. ---

/** murmur2.ts. */
function murmur2(from: i32, length: i32): u32 {
  const m: u32 = 0x5bd1e995;
  let h: u32 = 0x9747b28c ^ length;
  let i = from;
  for (const end = from + (length & ~3); i < end; i += 4) {
    let k = load<u32>(i) * m;
    k ^= k >> 24;
    h = (h * m) ^ (k * m);
  }
  const rest = length & 3;
  if (rest == 3) h ^= byte(i + 2) << 16;
  if (rest >= 2) h ^= byte(i + 1) << 8;
  if (rest >= 1) h = (h ^ byte(i)) * m;
  h ^= h >> 13;
  h *= m;
  return h ^ (h >> 15);
}

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

/** The log records of rows 0 … count − 1, all GOOD, of the tenant in TENANT, to `out`; where they end. */
export function encode(count: i32, tenantBytes: i32, partitions: i32, out: i32): i32 {
  let at = out;
  for (let row = 0; row < count; row++) {
    const key = at;
    memory.copy(at, TENANT, tenantBytes);
    store<u8>(at + tenantBytes, 0x3a);
    at = copyText(keySlot(row), row, at + tenantBytes + 1);
    store<i32>(KEY_AT + (row << 2), key - out);
    store<i32>(VALUE_AT + (row << 2), at - out);
    const hash = murmur2(key, at - key) & 0x7fffffff;
    store<i32>(PARTITIONS + (row << 2), hash % partitions);
    at = record(row, tenantBytes, at);
    store<i32>(VALUE_END + (row << 2), at - out);
  }
  return at;
}

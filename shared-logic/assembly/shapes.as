// Second stage: texts by the shapes seen before (scanner/shape-scanner.ts).
import {
  isDigit, isSpace, lineEnd, literalEnd, metBackslash, NO_SHAPE, numberEnd, QUOTE, spaceEnd, stringEnd,
} from "./json-grammar";
import {
  ENDS, FALSE, FIRST, FIRST_MARK, FROM, HEAD_BITS, KNOWN, LENGTH, MARK_ATS, MARK_COUNT, MARK_KINDS, MARK_SLOTS,
  NESTED, NEXT, NULL, NUMBER, RARE, SLOT, STARTS, STATUS, TEXT, TREE, TRUE, UNKNOWN,
} from "./memory-layout";
import { arrayAt, byte, empty, markRow, markTo, nextSpecial, put, putEnd, putEscaped, putStart, shift } from "./region";

/** In place of a node's slot where the text ends, and where nobody asks for the scalar. */
const END: i32 = -2;
const NO_SLOT: i32 = -1;
/** In place of a node. */
const NO_NODE: i32 = -1;
const OPENS: u8 = 0;

/** Whether `n` bytes at `a` and `b` are equal, more than sixteen of which the first sixteen are. */
@inline
function goesOn(a: i32, b: i32, n: i32): bool {
  const tail = n - 16;
  if (!equal16(a + tail, b + tail)) return false;
  for (let i = 16; i < tail; i += 16) if (!equal16(a + i, b + i)) return false;
  return true;
}

@inline
function equal16(a: i32, b: i32): bool {
  return i8x16.bitmask(i8x16.eq(v128.load(a), v128.load(b))) == 0xffff;
}

/** A node that opens or closes something, or ends the text. */
function applyMarks(node: i32, at: i32, row: i32): void {
  const from = load<i32>(node, FIRST_MARK);
  const until = from + load<i32>(node, MARK_COUNT);
  for (let m = from; m < until; m++) {
    const slot = arrayAt(MARK_SLOTS, m);
    const position = at + arrayAt(MARK_ATS, m);
    if (load<u8>(MARK_KINDS + m) == OPENS) putStart(slot, row, NESTED, position);
    else putEnd(slot, row, position);
  }
}

/**
 * The end of the value at `from`, where it follows a known shape to its end, or NO_SHAPE; the row is empty, and bytes up
 * to `until` are marked. An end beyond `until` is none either: what nearly every text passes is looked at once.
 */
function value(from: i32, until: i32, row: i32): i32 {
  let i = from;
  let node = load<i32>(TREE, FIRST);
  while (true) {
    let length = 0;
    while (true) {
      if (node == NO_NODE) return NO_SHAPE;
      const bits = load<i32>(node, HEAD_BITS);
      const head = i8x16.bitmask(i8x16.eq(v128.load(i), v128.load(node)));
      if ((head & bits) == bits) {
        length = load<i32>(node, LENGTH);
        if (length <= 16) break;
        if (i + length <= until && goesOn(i, load<i32>(node, FROM), length)) break;
      }
      node = load<i32>(node, NEXT);
    }
    const slot = load<i32>(node, SLOT);
    if (load<i32>(node, RARE) != 0) {
      applyMarks(node, i, row);
      if (slot == END) return i + length;
    }
    i += length;
    if (i >= until) return NO_SHAPE;
    node = load<i32>(node, FIRST);
    const c = byte(i);
    if (c == QUOTE) {
      const start = i + 1;
      const special = nextSpecial(start, until);
      if (byte(special) == QUOTE) {
        i = special + 1;
        if (slot != NO_SLOT) put(slot, row, TEXT, start, special);
        continue;
      }
      i = stringEnd(special, until);
      if (i < 0) return NO_SHAPE;
      if (slot == NO_SLOT) continue;
      put(slot, row, TEXT, start, i - 1);
      putEscaped(slot, row, metBackslash);
      continue;
    }
    const start = i;
    let kind: u8 = NUMBER;
    if (c == 0x2d || isDigit(c)) i = numberEnd(start, until);
    else {
      i = literalEnd(start, until);
      kind = c == 0x74 ? TRUE : c == 0x66 ? FALSE : NULL;
    }
    if (i < 0) return NO_SHAPE;
    if (slot != NO_SLOT) put(slot, row, kind, start, i);
  }
}

/** Rows 0 … count − 1 of STARTS and ENDS: their slots, and STATUS; how many are KNOWN. */
export function match(count: i32): i32 {
  empty(count);
  let known = 0;
  for (let row = 0; row < count; row++) {
    const from = arrayAt(STARTS, row) + shift;
    const until = arrayAt(ENDS, row) + shift;
    markRow(until);
    const end = from < until ? value(from, until, row) : NO_SHAPE;
    const whole = end >= 0 && spaceEnd(end, until) == until;
    store<u8>(STATUS + row, whole ? KNOWN : UNKNOWN);
    known += whole ? 1 : 0;
  }
  return known;
}

let walked: i32 = 0;

/** How many rows `elements` or `lines` made. */
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
  empty(most);
  markTo(last);
  while (walked < most && i < last) {
    const end = value(i, last, walked);
    if (end < 0) break;
    const behind = spaceEnd(end, last);
    if (behind >= last) break;
    const next = spaceEnd(behind + 1, last);
    const closes = byte(behind) == 0x5d && next == last;
    if (!closes && (byte(behind) != 0x2c || next == last)) break;
    add(i, end);
    i = next;
  }
  return i - shift;
}

/** A row that is known. */
@inline
function add(start: i32, end: i32): void {
  store<i32>(STARTS + (walked << 2), start - shift);
  store<i32>(ENDS + (walked << 2), end - shift);
  store<u8>(STATUS + walked, KNOWN);
  walked++;
}

/**
 * As `elements` of the lines from `at` on, each without the white space around it, as long as they are known and not
 * empty; the result is where the next one begins, behind `until` after a last one without an end.
 */
export function lines(at: i32, until: i32, most: i32): i32 {
  let i = at + shift;
  const last = until + shift;
  walked = 0;
  empty(most);
  while (walked < most && i < last) {
    const next = lineEnd(i, last);
    let end = next;
    while (end > i && isSpace(byte(end - 1))) end--;
    const start = spaceEnd(i, end);
    markRow(end);
    if (start == end || value(start, end, walked) != end) break;
    add(start, end);
    i = next + 1;
  }
  return i - shift;
}

// Second stage: texts by the shapes seen before (scanner/shape-scanner.ts).
import {
  isDigit, isSpace, lineEnd, literalEnd, metBackslash, NO_SHAPE, numberEnd, QUOTE, spaceEnd, stringEnd,
} from "./json-grammar";
import {
  ENDS, FALSE, FIRST, FIRST_MARK, FROM, HEAD_BITS, KNOWN, LENGTH, MARK_ATS, MARK_COUNT, MARK_KINDS, MARK_SLOTS,
  NESTED, NEXT, NODE, NULL, NUMBER, ROWS, SEGMENTS, SLOT, STARTS, STATUS, TEXT, TREE, TRUE, UNKNOWN,
} from "./memory-layout";
import { arrayAt, byte, empty, nextSpecial, plane, put, shift } from "./region";

/** A node's slot where the text ends. */
const END: i32 = -2;
const OPENS: u8 = 0;

/** A number of a node. */
@inline
function numberOf(node: i32, number: i32): i32 {
  return load<i32>(TREE + node * NODE + number);
}

/** Whether the text at `i` goes on with a node's segment, of so many bytes. */
@inline
function follows(node: i32, length: i32, i: i32): bool {
  const bits = numberOf(node, HEAD_BITS);
  const head = i8x16.bitmask(i8x16.eq(v128.load(i), v128.load(TREE + node * NODE)));
  return (head & bits) == bits && (length <= 16 || goesOn(i, SEGMENTS + numberOf(node, FROM), length));
}

/** Whether `n` bytes at `a` and `b` are equal, more than sixteen of which the first sixteen are. */
function goesOn(a: i32, b: i32, n: i32): bool {
  const tail = n - 16;
  if (v128.any_true(v128.xor(v128.load(a + tail), v128.load(b + tail)))) return false;
  for (let i = 16; i < tail; i += 16) {
    if (v128.any_true(v128.xor(v128.load(a + i), v128.load(b + i)))) return false;
  }
  return true;
}

function applyMarks(node: i32, at: i32, row: i32): void {
  const from = numberOf(node, FIRST_MARK);
  const until = from + numberOf(node, MARK_COUNT);
  for (let m = from; m < until; m++) {
    const to = plane(arrayAt(MARK_SLOTS, m));
    const position = at + arrayAt(MARK_ATS, m) - shift;
    if (load<u8>(MARK_KINDS + m) == OPENS) {
      store<u8>(to + row, NESTED);
      store<i32>(to + ROWS + (row << 2), position);
    } else store<i32>(to + 5 * ROWS + (row << 2), position);
  }
}

/** The end of the value at `from`, where it follows a known shape to its end, or NO_SHAPE; the row is empty. */
function value(from: i32, until: i32, row: i32): i32 {
  let i = from;
  let node = 0;
  while (true) {
    node = numberOf(node, FIRST);
    let length = 0;
    while (true) {
      if (node < 0) return NO_SHAPE;
      length = numberOf(node, LENGTH);
      if (i + length <= until && follows(node, length, i)) break;
      node = numberOf(node, NEXT);
    }
    if (numberOf(node, MARK_COUNT) > 0) applyMarks(node, i, row);
    i += length;
    const slot = numberOf(node, SLOT);
    if (slot == END) return i;
    if (i >= until) return NO_SHAPE;
    const start = i;
    const c = byte(i);
    if (c == QUOTE) {
      const special = nextSpecial(i + 1, until);
      if (special >= until) return NO_SHAPE;
      const plain = byte(special) == QUOTE;
      i = plain ? special + 1 : stringEnd(special, until);
      if (i < 0) return NO_SHAPE;
      if (slot >= 0) put(slot, row, TEXT, start + 1, i - 1, plain ? 0 : metBackslash);
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
  empty(count);
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
    if (start == end || value(start, end, walked) != end) break;
    add(start, end);
    i = next + 1;
  }
  return i - shift;
}

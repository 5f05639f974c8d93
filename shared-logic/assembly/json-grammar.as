// Where strings, numbers and words of JSON end: scanner/json-grammar.ts and scanner/utf8.ts, instruction for instruction.
import { byte, nextSpecial } from "./region";

export const QUOTE: u32 = 0x22;
const BACKSLASH: u32 = 0x5c;
/** Instead of an end, where the twin is to look. */
export const NO_SHAPE: i32 = -1;

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

/** Whether stringEnd met a backslash. */
export let metBackslash: u8 = 0;

/** json-grammar.ts, from a special byte on: the end behind the closing quote, or NO_SHAPE. */
export function stringEnd(from: i32, until: i32): i32 {
  metBackslash = 0;
  let i = from;
  while (i < until) {
    const c = byte(i);
    if (c == QUOTE) return i + 1;
    if (c >= 0x80) {
      const length = utf8Length(i, until);
      if (length == 0) return NO_SHAPE;
      i += length;
    } else if (c == BACKSLASH) {
      metBackslash = 1;
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
      i = nextSpecial(i, until);
    }
  }
  return NO_SHAPE;
}

@inline
export function isDigit(c: u32): bool {
  return c - 0x30 < 10;
}

/** Behind the digits at `from`, eight a step: how many there are is no branch that could be guessed wrongly. */
@inline
function digitsEnd(from: i32, until: i32): i32 {
  for (let i = from; i < until; i += 8) {
    const values = load<u64>(i) ^ 0x3030303030303030;
    // What is carried over from a byte that is no digit changes only those behind it.
    const others = (values | (values + 0x7676767676767676)) & 0x8080808080808080;
    if (others != 0) return min(until, i + <i32>(ctz(others) >> 3));
  }
  return until;
}

/** json-grammar.ts. */
export function numberEnd(from: i32, until: i32): i32 {
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
export function literalEnd(from: i32, until: i32): i32 {
  const left = until - from;
  if (left < 4) return NO_SHAPE;
  const word = load<u32>(from);
  if (word == 0x65757274 || word == 0x6c6c756e) return from + 4;
  if (word == 0x736c6166 && left >= 5 && byte(from + 4) == 0x65) return from + 5;
  return NO_SHAPE;
}

@inline
export function isSpace(c: u32): bool {
  return c <= 0x20 && (c == 0x20 || c == 0x0a || c == 0x0d || c == 0x09);
}

export function spaceEnd(from: i32, until: i32): i32 {
  let i = from;
  while (i < until && isSpace(byte(i))) i++;
  return i;
}

/** The first line feed at `from` or behind, `until` without. */
export function lineEnd(from: i32, until: i32): i32 {
  for (let i = from; i < until; i += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(i), i8x16.splat(0x0a)));
    if (found != 0) return min(until, i + <i32>ctz(found));
  }
  return until;
}

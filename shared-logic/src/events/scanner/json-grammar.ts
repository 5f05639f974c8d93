// The lexical half of RFC 8259: where strings and numbers end. Every function returns the exclusive end
// or a negative verdict, and never reads at or past `until`.
import { ESCAPE, HEX } from "./unescape.ts";
import { utf8Length } from "./utf8.ts";

export const SCAN_OK = 0;
export const SCAN_NOT_JSON = -1;
export const SCAN_BAD_UNICODE = -2;
export const SCAN_TOO_DEEP = -3;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const U = 0x75;

/** 0 for a byte that stands for itself inside a string: ASCII but quote, backslash and controls. */
const SPECIAL = new Uint8Array(256).fill(1);
SPECIAL.fill(0, 0x20, 0x80);
SPECIAL[QUOTE] = 1;
SPECIAL[BACKSLASH] = 1;

/** The index of the first byte from `from` on that does not stand for itself, or `until`. */
export function plainEnd(bytes: Uint8Array, from: number, until: number): number {
  let i = from;
  while (i < until && SPECIAL[bytes[i]!] === 0) i++;
  return i;
}

/** The end (behind the closing quote) of a string that may hold escapes and non-ASCII from `from` on. */
export function stringEnd(bytes: Uint8Array, from: number, until: number): number {
  let i = from;
  while (i < until) {
    const c = bytes[i]!;
    if (SPECIAL[c] === 0) {
      i++;
    } else if (c === QUOTE) {
      return i + 1;
    } else if (c >= 0x80) {
      const length = utf8Length(bytes, i, until);
      if (length === 0) return SCAN_BAD_UNICODE;
      i += length;
    } else if (c === BACKSLASH) {
      if (i + 1 >= until) return SCAN_NOT_JSON;
      const letter = bytes[i + 1]!;
      if (letter === U) {
        if (i + 6 > until) return SCAN_NOT_JSON;
        for (let j = i + 2; j < i + 6; j++) if (HEX[bytes[j]!]! < 0) return SCAN_NOT_JSON;
        i += 6;
      } else {
        if (ESCAPE[letter] === 0) return SCAN_NOT_JSON;
        i += 2;
      }
    } else {
      return SCAN_NOT_JSON;
    }
  }
  return SCAN_NOT_JSON;
}

const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;

function digitsEnd(bytes: Uint8Array, from: number, until: number): number {
  let i = from;
  while (i < until && isDigit(bytes[i]!)) i++;
  return i;
}

/** The end of the number that starts at `from` with a digit or a minus. */
export function numberEnd(bytes: Uint8Array, from: number, until: number): number {
  let i = from;
  if (bytes[i] === 0x2d) i++;
  if (i >= until || !isDigit(bytes[i]!)) return SCAN_NOT_JSON;
  i = bytes[i] === 0x30 ? i + 1 : digitsEnd(bytes, i, until);
  if (i < until && bytes[i] === 0x2e) {
    const fraction = i + 1;
    i = digitsEnd(bytes, fraction, until);
    if (i === fraction) return SCAN_NOT_JSON;
  }
  if (i < until && (bytes[i]! | 0x20) === 0x65) {
    i++;
    if (i < until && (bytes[i] === 0x2b || bytes[i] === 0x2d)) i++;
    const exponent = i;
    i = digitsEnd(bytes, exponent, until);
    if (i === exponent) return SCAN_NOT_JSON;
  }
  return i;
}

/** The end of `true`, `false` or `null` at `from`. */
export function literalEnd(bytes: Uint8Array, from: number, until: number): number {
  const left = until - from;
  const c = bytes[from];
  if (c === 0x74 && left >= 4) {
    if (bytes[from + 1] === 0x72 && bytes[from + 2] === 0x75 && bytes[from + 3] === 0x65) {
      return from + 4;
    }
  } else if (c === 0x6e && left >= 4) {
    if (bytes[from + 1] === 0x75 && bytes[from + 2] === 0x6c && bytes[from + 3] === 0x6c) {
      return from + 4;
    }
  } else if (c === 0x66 && left >= 5) {
    const rest = bytes[from + 1] === 0x61 && bytes[from + 2] === 0x6c && bytes[from + 3] === 0x73;
    if (rest && bytes[from + 4] === 0x65) return from + 5;
  }
  return SCAN_NOT_JSON;
}

/** The first index from `from` on that is no JSON white space, or `until`. */
export function spaceEnd(bytes: Uint8Array, from: number, until: number): number {
  let i = from;
  while (i < until) {
    const c = bytes[i]!;
    if (c > 0x20 || (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09)) break;
    i++;
  }
  return i;
}

/** Whether a byte is JSON white space; of none, false. */
export const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

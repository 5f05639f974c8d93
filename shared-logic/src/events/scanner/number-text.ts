// Exact reading of JSON numbers: the text of a number into whole units of 10^-scale, never through a
// float. A number whose plain notation needs more than 38 digits is none for us (sums are 128 bits wide),
// so no exponent, however large, builds a large integer.
import {
  DECIMAL_BEYOND_SCALE,
  DECIMAL_BIG,
  DECIMAL_NOT_A_NUMBER,
  DECIMAL_OK,
} from "../event-columns.ts";

const MAX_DIGITS = 38;
/** Whole numbers below this many digits are exact in a double. */
const DOUBLE_DIGITS = 15;
const POWERS = Float64Array.from({ length: DOUBLE_DIGITS + 1 }, (_, n) => Number(`1e${n}`));
const LARGEST = 2n ** 53n;
const decoder = new TextDecoder();

export interface Units {
  /** Where the status is DECIMAL_OK. */
  units: number;
  /** Where it is DECIMAL_BIG. */
  big: bigint;
}

/** Parses the JSON number `bytes[from, until)`; returns a DECIMAL_* status. */
export function parseUnits(
  bytes: Uint8Array,
  from: number,
  until: number,
  scale: number,
  out: Units,
): number {
  // Up to 15 digits without an exponent: a double holds every step exactly.
  let i = from;
  const negative = bytes[i] === 0x2d;
  if (negative) i++;
  if (until - i > DOUBLE_DIGITS) return parseWide(bytes, from, until, scale, out);
  let value = 0;
  let point = until - 1;
  for (; i < until; i++) {
    const c = bytes[i]!;
    if (c >= 0x30 && c <= 0x39) value = value * 10 + (c - 0x30);
    else if (c === 0x2e) point = i;
    else return parseWide(bytes, from, until, scale, out);
  }
  const up = scale - (until - 1 - point);
  if (up < 0) {
    const down = POWERS[-up]!;
    if (value % down !== 0) return DECIMAL_BEYOND_SCALE;
    value /= down;
  } else if (up > 0 && value !== 0) {
    if (until - from + up > DOUBLE_DIGITS) return parseWide(bytes, from, until, scale, out);
    value *= POWERS[up]!;
  }
  out.units = negative && value !== 0 ? -value : value;
  return DECIMAL_OK;
}

/** The general case: strip zeros, look at the number of digits, and only then make an integer. */
function parseWide(
  bytes: Uint8Array,
  from: number,
  until: number,
  scale: number,
  out: Units,
): number {
  let i = from;
  const negative = bytes[i] === 0x2d;
  if (negative) i++;
  let first = -1;
  let last = -1;
  let point = -1;
  for (; i < until; i++) {
    const c = bytes[i]!;
    if (c === 0x2e) point = i;
    else if (c < 0x30 || c > 0x39) break;
    else if (c !== 0x30) {
      if (first < 0) first = i;
      last = i;
    }
  }
  if (first < 0) {
    out.units = 0;
    return DECIMAL_OK;
  }
  const digitsEnd = i;
  const exponent = i < until ? Number(decoder.decode(bytes.subarray(i + 1, until))) : 0;
  if (point < 0) point = digitsEnd;
  // The number is m · 10^power, where m are the digits from first to last.
  const within = point > first && point < last ? 1 : 0;
  const digits = last - first + 1 - within;
  const power = exponent + (last < point ? point - last - 1 : point - last);
  const whole = Math.max(digits + power, 0);
  const fraction = Math.max(-power, 0);
  if (!(whole + fraction <= MAX_DIGITS)) return DECIMAL_NOT_A_NUMBER;
  if (fraction > scale) return DECIMAL_BEYOND_SCALE;
  if (digits + power + scale > MAX_DIGITS) return DECIMAL_NOT_A_NUMBER;
  let text = negative ? "-" : "";
  for (let j = first; j <= last; j++) {
    if (j !== point) text += String.fromCharCode(bytes[j]!);
  }
  const units = BigInt(text) * 10n ** BigInt(power + scale);
  if (units >= -LARGEST && units <= LARGEST) {
    out.units = Number(units);
    return DECIMAL_OK;
  }
  out.big = units;
  return DECIMAL_BIG;
}

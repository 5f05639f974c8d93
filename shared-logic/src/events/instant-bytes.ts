// parseInstant (time/iso-8601.ts) over bytes, without strings or a regular expression: the same moments
// accepted, the same result, NaN where that one says undefined.
import { daysFromCivil } from "../time/calendar.ts";
import { DAY_MS } from "../time/epoch-ms.ts";

const DASH = 0x2d;
const PLUS = 0x2b;
const COLON = 0x3a;
const MONTH_DAYS = Uint8Array.of(0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);

/** The two digits at `i`, or -100 or less where a byte is no digit; the caller has checked the length. */
function two(b: Uint8Array, i: number): number {
  const [tens, ones] = [b[i]! - 0x30, b[i + 1]! - 0x30];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -10_000;
}

/** The day read last, as text and as its first moment: most events are of the same day. */
const lastText = new Uint8Array(10);
let lastDay = Number.NaN;

/** The first moment of the day written in the ten bytes at `i`, or NaN. */
function dayAt(b: Uint8Array, i: number): number {
  let same = 0;
  while (same < 10 && b[i + 9 - same] === lastText[9 - same]) same++;
  if (same === 10) return lastDay;
  lastDay = readDay(b, i);
  for (let j = 0; j < 10; j++) lastText[j] = b[i + j]!;
  return lastDay;
}

function readDay(b: Uint8Array, i: number): number {
  const year = two(b, i) * 100 + two(b, i + 2);
  const [month, day] = [two(b, i + 5), two(b, i + 8)];
  if (year < 0 || b[i + 4] !== DASH || b[i + 7] !== DASH) return Number.NaN;
  if (month < 1 || month > 12 || day < 1 || day > MONTH_DAYS[month]!) return Number.NaN;
  if (month === 2 && day === 29 && (year % 4 !== 0 || (year % 100 === 0 && year % 400 !== 0))) {
    return Number.NaN;
  }
  return daysFromCivil(year, month, day) * DAY_MS;
}

/** Milliseconds since the epoch of the ISO 8601 text `b[from, until)`, or NaN. */
export function parseInstantBytes(b: Uint8Array, from: number, until: number): number {
  if (until - from < 10) return Number.NaN;
  let ms = dayAt(b, from);
  let i = from + 10;
  if (i === until) return ms;
  if ((b[i]! | 0x20) !== 0x74 && b[i] !== 0x20) return Number.NaN;
  i++;
  if (i + 5 > until || b[i + 2] !== COLON) return Number.NaN;
  const [hour, minute] = [two(b, i), two(b, i + 3)];
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return Number.NaN;
  ms += (hour * 60 + minute) * 60_000;
  i += 5;
  if (i < until && b[i] === COLON) {
    if (i + 3 > until) return Number.NaN;
    const second = two(b, i + 1);
    if (second < 0 || second > 59) return Number.NaN;
    ms += second * 1000;
    i += 3;
    if (i < until && (b[i] === 0x2e || b[i] === 0x2c)) {
      const digits = i + 1;
      for (i = digits; i < until && b[i]! >= 0x30 && b[i]! <= 0x39; i++) {
        const n = i - digits;
        if (n < 3) ms += (b[i]! - 0x30) * (n === 0 ? 100 : n === 1 ? 10 : 1);
      }
      if (i === digits || i - digits > 9) return Number.NaN;
    }
  }
  if (i === until) return ms;
  const sign = b[i++]!;
  if ((sign | 0x20) === 0x7a) return i === until ? ms : Number.NaN;
  if (sign !== PLUS && sign !== DASH) return Number.NaN;
  if (i + 4 > until) return Number.NaN;
  const hours = two(b, i);
  i += 2;
  if (b[i] === COLON) i++;
  if (i + 2 !== until) return Number.NaN;
  const minutes = two(b, i);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return Number.NaN;
  const offset = (hours * 60 + minutes) * 60_000;
  return sign === DASH ? ms + offset : ms - offset;
}

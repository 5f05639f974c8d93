// instant-bytes.ts: ISO 8601 texts as moments.
import { isDigit } from "./json-grammar";
import { byte } from "./region";

/** Two digits, or less than 0. */
@inline
function two(i: i32): i32 {
  const tens = byte(i) - 0x30;
  const ones = byte(i + 1) - 0x30;
  return tens < 10 && ones < 10 ? <i32>(tens * 10 + ones) : -10000;
}

export const NOT_A_TIME: i64 = i64.MIN_VALUE;

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

/** The highest bit of each byte. */
const TOPS: u64 = 0x8080808080808080;

/**
 * The milliseconds of THH:MM:SS.mmmZ in [at, at + 14), of letters written so and no others, or NOT_A_TIME: all digits
 * at once. What a byte may be at most, 0x7f minus that is added to it, so its highest bit tells of more.
 */
@inline
function clock(at: i32): i64 {
  const time = load<u64>(at, 1) ^ 0x30303a30303a3030;
  const rest = (load<u64>(at, 6) >> 24) ^ 0x5a3030302e;
  const badTime = time | (time + 0x767a7f767a7f767d);
  const badRest = rest | (rest + 0x7f7676767f);
  if (((badTime | badRest) & TOPS) != 0) return NOT_A_TIME;
  const pairs = time * 10 + (time >> 8);
  const hour = pairs & 0xff;
  if (hour > 23) return NOT_A_TIME;
  const minutes = hour * 60 + ((pairs >> 24) & 0xff);
  const second = (pairs >> 48) & 0xff;
  const ms = ((rest >> 8) & 0xff) * 100 + ((rest >> 16) & 0xff) * 10 + ((rest >> 24) & 0xff);
  return minutes * 60000 + second * 1000 + ms;
}

/** As `instant`; of the form that nearly every one has. */
@inline
export function quickInstant(from: i32, until: i32): i64 {
  const sameDay = load<u64>(from) == lastDayText && (load<u32>(from, 8) & 0xffffff) == (lastDayTail | 0x540000);
  if (sameDay && until - from == 24) {
    const ms = clock(from + 10);
    if (ms != NOT_A_TIME) return lastDayMs + ms;
  }
  return instant(from, until);
}

/** instant-bytes.ts. */
function instant(from: i32, until: i32): i64 {
  if (until - from < 10) return NOT_A_TIME;
  const text = load<u64>(from);
  const tail = <u32>load<u16>(from + 8);
  if (text != lastDayText || tail != lastDayTail) {
    const dayMs = readDay(from);
    if (dayMs == NOT_A_TIME) return NOT_A_TIME;
    lastDayMs = dayMs;
    lastDayText = text;
    lastDayTail = tail;
  }
  let ms = lastDayMs;
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

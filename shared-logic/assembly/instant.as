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

/** instant-bytes.ts. */
export function instant(from: i32, until: i32): i64 {
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

// ISO 8601 as Tandem writes it: always UTC, always with Z, milliseconds only where there are any.
import { civilFromDays, daysFromCivil } from "./calendar.ts";
import { DAY_MS, type EpochMs, type UtcDay } from "./epoch-ms.ts";

const pad = (n: number, width: number): string => String(n).padStart(width, "0");
const TWO_DIGITS = Array.from({ length: 100 }, (_, n) => pad(n, 2));
const two = (n: number): string => TWO_DIGITS[n] ?? "";

/** `2019-10-01` (years 0 to 9999). */
export function formatDay(day: UtcDay): string {
  const c = civilFromDays(day);
  return `${pad(c.year, 4)}-${two(c.month)}-${two(c.day)}`;
}

/** Answers are full of moments of one day: its text is kept until another is asked for. */
let [lastDay, lastText] = [0, formatDay(0 as UtcDay)];

/** `2019-10-01T00:00:00Z`, with `.123` before the Z where the milliseconds are not zero. */
export function formatInstant(at: EpochMs): string {
  const day = Math.floor(at / DAY_MS);
  if (day !== lastDay) [lastDay, lastText] = [day, formatDay(day as UtcDay)];
  const ms = at - day * DAY_MS;
  const s = Math.floor(ms / 1000);
  const fraction = ms % 1000 === 0 ? "" : `.${pad(ms % 1000, 3)}`;
  return `${lastText}T${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}${fraction}Z`;
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** A day written `2019-10-01`, or undefined where there is no such day. */
export function parseDay(text: string): UtcDay | undefined {
  const m = DAY.exec(text);
  if (!m) return undefined;
  const day = daysFromCivil(Number(m[1]), Number(m[2]), Number(m[3]));
  return formatDay(day) === text ? day : undefined;
}

const INSTANT =
  /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d{2}):?(\d{2}))?)?$/;

/**
 * A moment written in ISO 8601: a date (its first moment), or a date and a time with Z, an offset or
 * neither (then UTC). Digits below the millisecond are cut off. Undefined where there is no such moment.
 */
export function parseInstant(text: string): EpochMs | undefined {
  const m = INSTANT.exec(text);
  if (!m) return undefined;
  const day = parseDay(m[1] ?? "");
  if (day === undefined) return undefined;
  const [h, min, s] = [Number(m[2] ?? 0), Number(m[3] ?? 0), Number(m[4] ?? 0)];
  if (h > 23 || min > 59 || s > 59) return undefined;
  const ms = Number((m[5] ?? "0").padEnd(3, "0").slice(0, 3));
  const [oh, om] = [Number(m[8] ?? 0), Number(m[9] ?? 0)];
  if (oh > 23 || om > 59) return undefined;
  const offset = (oh * 60 + om) * 60_000 * (m[7] === "-" ? -1 : 1);
  return (day * DAY_MS + ((h * 60 + min) * 60 + s) * 1000 + ms - offset) as EpochMs;
}

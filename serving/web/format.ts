// Numbers and moments as people read them, in the zone that is asked for.
import type { JsonNumber } from "@tandem/client";

/** For drawing: nearest double, null of nothing. */
export const numberOf = (value: JsonNumber): number | null => {
  const n = value === null ? null : Number(value);
  return n === null || Number.isNaN(n) ? null : n;
};

export function showNumber(value: JsonNumber, unit = ""): string {
  if (value === null) return "–";
  if (unit === "ratio")
    return new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 2 }).format(
      Number(value),
    );
  const size = Math.abs(Number(value));
  const maximumFractionDigits = size >= 1000 || size === 0 ? 2 : size >= 1 ? 3 : 6;
  // A decimal as text keeps all of its digits.
  const format = new Intl.NumberFormat("en", { maximumFractionDigits });
  return format.format(value as number);
}

export const showInterval = (low: JsonNumber, high: JsonNumber, unit = ""): string =>
  low === high ? "exact" : `${showNumber(low, unit)} – ${showNumber(high, unit)}`;

const zoned = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options);
  let format = zoned.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options });
    zoned.set(key, format);
  }
  return format;
}

const DAY = { day: "numeric", month: "short", year: "numeric" } as const;
const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;

export const showMoment = (at: string | number, zone: string): string =>
  formatOf(zone, { ...DAY, ...CLOCK }).format(new Date(at));

/** As long as the grain needs it to be. */
export const showWindow = (from: string, grain: string, zone: string): string =>
  grain === "minute" || grain === "hour"
    ? showMoment(from, zone)
    : formatOf(zone, grain === "month" ? { month: "long", year: "numeric" } : DAY).format(
        new Date(from),
      );

/** YYYY-MM-DD on the zone's calendar. */
export function dateIn(zone: string, atMs: number): string {
  const format = formatOf(zone, { year: "numeric", month: "2-digit", day: "2-digit" });
  const parts = Object.fromEntries(format.formatToParts(atMs).map((p) => [p.type, p.value]));
  return `${parts["year"]}-${parts["month"]}-${parts["day"]}`;
}

export function showSpan(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 90) return `${s} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  return s < 129_600 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86_400)} days`;
}

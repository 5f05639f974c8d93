// Moments and days. A moment is milliseconds since 1970-01-01T00:00:00Z; a day is a whole UTC day,
// counted from the same epoch. Both are branded so that one is never taken for the other.

declare const unit: unique symbol;

/** A moment: whole milliseconds since the Unix epoch (may be negative). */
export type EpochMs = number & { readonly [unit]: "EpochMs" };
/** A UTC day: whole days since the Unix epoch (0 = 1970-01-01). */
export type UtcDay = number & { readonly [unit]: "UtcDay" };

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export const epochMs = (ms: number): EpochMs => ms as EpochMs;
export const utcDay = (day: number): UtcDay => day as UtcDay;

/** The day a moment lies in: [dayStart(d), dayStart(d + 1)). */
export const dayOf = (at: EpochMs): UtcDay => Math.floor(at / DAY_MS) as UtcDay;
/** The first moment of a day, inclusive. */
export const dayStart = (day: UtcDay): EpochMs => (day * DAY_MS) as EpochMs;
/** The moment `ms` later (earlier when negative). */
export const plusMs = (at: EpochMs, ms: number): EpochMs => (at + ms) as EpochMs;

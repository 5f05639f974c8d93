// The horizon of a metric: the exclusive end of the closed days that have runs, counted without a gap
// from the dataset's first day.
import {
  type Clock,
  type DayEntry,
  dayStart,
  type EpochMs,
  type Fingerprint,
  type UtcDay,
} from "@tandem/shared-logic";
import type { DayLedger, LedgerDay } from "./day-ledger.ts";

export class Horizon {
  private readonly ledger: DayLedger;
  private readonly clock: Pick<Clock, "now">;
  private readonly keepMs: number;
  private listed:
    | { readonly at: EpochMs; readonly days: ReadonlyMap<UtcDay, LedgerDay> }
    | undefined;

  constructor(ledger: DayLedger, clock: Pick<Clock, "now">, keepMs = 1000) {
    this.ledger = ledger;
    this.clock = clock;
    this.keepMs = keepMs;
  }

  /** All days, remembered for a moment. */
  async days(): Promise<ReadonlyMap<UtcDay, LedgerDay>> {
    const now = this.clock.now();
    if (!this.listed || now - this.listed.at >= this.keepMs)
      this.listed = { at: now, days: await this.ledger.all() };
    return this.listed.days;
  }

  /** `fresh`: entries just read; they count before those of `days`. Undefined where there is none. */
  of(
    fp: Fingerprint,
    firstDay: UtcDay | undefined,
    days: ReadonlyMap<UtcDay, LedgerDay>,
    fresh: ReadonlyMap<UtcDay, DayEntry | undefined>,
  ): EpochMs | undefined {
    if (firstDay === undefined) return undefined;
    const now = this.clock.now();
    const has = (day: UtcDay): boolean =>
      (fresh.has(day) ? fresh.get(day) : days.get(day)?.row?.entries[fp]) !== undefined;
    let day = firstDay;
    while (dayStart((day + 1) as UtcDay) <= now && has(day)) day = (day + 1) as UtcDay;
    return day === firstDay ? undefined : dayStart(day);
  }
}

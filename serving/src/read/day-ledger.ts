// The ledger rows of days, parsed once per version.
import {
  type DayRow,
  dayKey,
  formatDay,
  type LedgerRow,
  TandemError,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { Lru } from "../lru.ts";

/** Above so many days one listing is cheaper than a read for each. */
const SINGLE_READS = 64;
const ABSENT = { version: 0, row: undefined };

export interface LedgerDay {
  /** 0: absent. */
  readonly version: number;
  readonly row: DayRow | undefined;
}

export class DayLedger {
  private readonly views: Pick<ViewStore, "ledger" | "ledgerRows">;
  private readonly dataset: string;
  private readonly parsed = new Lru<LedgerDay>(10_000);

  constructor(views: Pick<ViewStore, "ledger" | "ledgerRows">, dataset: string) {
    this.views = views;
    this.dataset = dataset;
  }

  /** Every day of the list, those without a row too. */
  async read(days: readonly UtcDay[]): Promise<Map<UtcDay, LedgerDay>> {
    const found = new Map<UtcDay, LedgerDay>();
    if (days.length > SINGLE_READS) {
      const all = await this.all();
      for (const day of days) found.set(day, all.get(day) ?? ABSENT);
      return found;
    }
    const rows = await Promise.all(days.map((day) => this.views.ledger(dayKey(this.dataset, day))));
    for (const [i, day] of days.entries()) found.set(day, this.parse(rows[i]));
    return found;
  }

  /** Keys are text, so their order is not the days'. */
  async all(): Promise<Map<UtcDay, LedgerDay>> {
    const prefix = dayKey(this.dataset, 0 as UtcDay).slice(0, -1);
    const found = new Map<UtcDay, LedgerDay>();
    for (const row of await this.views.ledgerRows(prefix)) {
      const day = Number(row.key.slice(prefix.length));
      if (Number.isInteger(day)) found.set(day as UtcDay, this.parse(row));
    }
    return found;
  }

  private parse(row: LedgerRow | undefined): LedgerDay {
    if (!row) return ABSENT;
    const known = this.parsed.get(row.key);
    if (known?.version === row.version) return known;
    const parsed = { version: row.version, row: parseDayRow(row) };
    this.parsed.set(row.key, parsed);
    return parsed;
  }
}

function parseDayRow({ key, value }: LedgerRow): DayRow {
  try {
    return JSON.parse(value) as DayRow;
  } catch (cause) {
    const day = formatDay(Number(key.slice(key.lastIndexOf("/") + 1)) as UtcDay);
    throw new TandemError("corrupt_bytes", { details: { what: "ledger row", key, day }, cause });
  }
}

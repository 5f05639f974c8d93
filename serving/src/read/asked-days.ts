// How often each day is asked for, kept in one ledger row that the heals read: days that people look at are
// healed first. Counts are halved as days go by, written at most once a minute, and may be lost: no answer
// depends on them.
import {
  type AskedRow,
  askedKey,
  type Clock,
  DAY_MS,
  type EpochMs,
  MINUTE_MS,
  TandemError,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";

const KEPT_DAYS = 1000;
/** Below it a count is forgotten. */
const LEAST = 0.1;

export class AskedDays {
  private readonly views: Pick<ViewStore, "ledger" | "cas">;
  private readonly dataset: string;
  private readonly clock: Pick<Clock, "now">;
  private counts = new Map<UtcDay, number>();
  private writtenMs: EpochMs | undefined;
  private writing: Promise<void> | undefined;

  constructor(
    views: Pick<ViewStore, "ledger" | "cas">,
    dataset: string,
    clock: Pick<Clock, "now">,
  ) {
    this.views = views;
    this.dataset = dataset;
    this.clock = clock;
  }

  note(days: Iterable<UtcDay>): void {
    for (const day of days) {
      const known = this.counts.get(day);
      if (known !== undefined || this.counts.size < KEPT_DAYS)
        this.counts.set(day, (known ?? 0) + 1);
    }
    const now = this.clock.now();
    this.writtenMs ??= now;
    if (now - this.writtenMs < MINUTE_MS || this.writing) return;
    this.writtenMs = now;
    this.writing = this.flush().finally(() => {
      this.writing = undefined;
    });
  }

  /** Adds what was counted since to the row; what cannot be written is forgotten. */
  async flush(): Promise<void> {
    const counts = this.counts;
    this.counts = new Map();
    try {
      const key = askedKey(this.dataset);
      const seen = await this.views.ledger(key);
      const row = seen && (JSON.parse(seen.value) as AskedRow);
      const next = addedUp(row, counts, this.clock.now());
      await this.views.cas(key, seen?.version ?? 0, JSON.stringify(next));
    } catch (error) {
      if (!(error instanceof TandemError)) throw error;
    }
  }
}

/** Pure. The days most asked for are kept. */
export function addedUp(
  row: AskedRow | undefined,
  counts: ReadonlyMap<UtcDay, number>,
  at: EpochMs,
): AskedRow {
  const weight = row ? 0.5 ** (Math.max(0, at - row.at) / DAY_MS) : 1;
  const sums = new Map<string, number>();
  for (const [day, n] of Object.entries(row?.days ?? {})) sums.set(day, n * weight);
  for (const [day, n] of counts) sums.set(String(day), (sums.get(String(day)) ?? 0) + n);
  const kept = [...sums]
    .filter(([, n]) => n >= LEAST)
    .sort((a, b) => b[1] - a[1])
    .slice(0, KEPT_DAYS)
    .map(([day, n]) => [day, Math.round(n * 100) / 100] as const);
  return { days: Object.fromEntries(kept), at };
}

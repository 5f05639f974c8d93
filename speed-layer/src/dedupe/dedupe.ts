// Says of each event whether an earlier one of the partition is the same: sure it is not, sure it is,
// perhaps (a filter hit that nothing confirms), or unknowable (older than the filters reach). Identity
// is (tenant, event id, UTC day of the timestamp as sent); the copy with the lowest offset is the event.
// Rows are judged many at a time, each step over all of them, so that waits for memory overlap; the
// verdicts are those of one after the other.
import {
  DAY_MS,
  type DatasetSettings,
  type EventColumns,
  SURE,
  SUSPECTED,
  UNCHECKED,
} from "@tandem/shared-logic";
import { DayFilters } from "./day-filters.ts";
import { type IdBatch, idBatch } from "./id-batch.ts";
import { RecentIds } from "./recent-ids.ts";

export class Dedupe {
  readonly recent: RecentIds;
  readonly filters: DayFilters;
  /** Highest received time seen. */
  receivedMs = Number.NEGATIVE_INFINITY;
  private readonly filterMs: number;
  private ids: IdBatch = idBatch(1024);
  private verdicts = new Uint8Array(1024);
  private held = new Uint8Array(1024);

  constructor(settings: DatasetSettings) {
    this.recent = new RecentIds(settings.ringIds);
    this.filters = new DayFilters(settings.generationIds, settings.filterMs);
    this.filterMs = settings.filterMs;
  }

  /**
   * Judges the events `rows[0, n)`, in offset order, each row of the log once, and remembers them. Rows
   * known to be duplicates leave `rows`; of the others, how many are left, `doubts[i]` is said of `rows[i]`.
   */
  judge(columns: EventColumns, rows: Uint32Array, doubts: Uint8Array, n: number): number {
    if (n > this.ids.known.length) {
      this.ids = idBatch(2 * n);
      this.verdicts = new Uint8Array(2 * n);
      this.held = new Uint8Array(2 * n);
    }
    const { ids, verdicts, held } = this;
    this.receivedMs = this.identify(columns, rows, n);
    ids.known.fill(0, 0, n);
    ids.forgotten.fill(0, 0, n);
    held.fill(0, 0, n);
    this.filters.addAll(ids, n);
    for (let i = 0; i < n; i++) {
      const row = rows[i]!;
      const tooOld = columns.receivedMs[row]! - columns.sentMs[row]! > this.filterMs;
      verdicts[i] =
        ids.known[i] === 1 ? SUSPECTED : tooOld || ids.forgotten[i] === 1 ? UNCHECKED : SURE;
    }
    this.recent.take(ids.lanes, verdicts, held, n);
    let m = 0;
    for (let i = 0; i < n; i++) {
      if (held[i] === 1) continue;
      rows[m] = rows[i]!;
      doubts[m++] = verdicts[i]!;
    }
    return m;
  }

  /** Writes the identity of each row to `this.ids`; the highest received time with them. */
  private identify(columns: EventColumns, rows: Uint32Array, n: number): number {
    const { lanes, days, receivedMs: receivedAt } = this.ids;
    const { idHashes, sentMs, receivedMs } = columns;
    const tenant = columns.field("tenant");
    const [codes, hashes] = [tenant.codes(), tenant.interner.hashes];
    let newest = this.receivedMs;
    for (let i = 0; i < n; i++) {
      const row = rows[i]!;
      const received = receivedMs[row]!;
      if (received > newest) newest = received;
      const code = codes[row]!;
      const day = Math.floor(sentMs[row]! / DAY_MS);
      lanes[4 * i] = idHashes[4 * row]! ^ (code < 0 ? 0 : hashes[2 * code]!);
      lanes[4 * i + 1] = idHashes[4 * row + 1]! ^ Math.imul(day, 0x9e3779b1);
      lanes[4 * i + 2] = idHashes[4 * row + 2]!;
      lanes[4 * i + 3] = idHashes[4 * row + 3]!;
      days[i] = day;
      receivedAt[i] = newest;
    }
    return newest;
  }
}

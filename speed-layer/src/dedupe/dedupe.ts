// Says of each event whether an earlier one of the partition is the same: sure it is not, sure it is,
// perhaps (a filter hit that nothing confirms), or unknowable (older than the filters reach). Identity
// is (tenant, event id, UTC day of the timestamp as sent); the copy with the lowest offset is the event.
import {
  DAY_MS,
  type DatasetSettings,
  type EventColumns,
  SURE,
  SUSPECTED,
  UNCHECKED,
} from "@tandem/shared-logic";
import { BloomGenerations } from "./bloom-generations.ts";
import { RecentIds } from "./recent-ids.ts";

export const DUPLICATE = 3;
export type Verdict = typeof SURE | typeof SUSPECTED | typeof UNCHECKED | typeof DUPLICATE;

export class Dedupe {
  readonly recent: RecentIds;
  readonly generations: BloomGenerations;
  /** Highest received time seen. */
  receivedMs = Number.NEGATIVE_INFINITY;
  private readonly filterMs: number;
  private columns: EventColumns | undefined;
  private tenantCodes: Int32Array = new Int32Array(0);
  private tenantHashes: Uint32Array = new Uint32Array(0);

  constructor(settings: DatasetSettings) {
    this.recent = new RecentIds(settings.ringIds);
    this.generations = new BloomGenerations(settings.generationIds, settings.filterMs);
    this.filterMs = settings.filterMs;
  }

  /** Takes the next batch of rows. */
  begin(columns: EventColumns): void {
    const tenant = columns.field("tenant");
    this.columns = columns;
    this.tenantCodes = tenant.codes();
    this.tenantHashes = tenant.interner.hashes;
  }

  /** Judges a row of the batch and remembers it. Rows in offset order, each once. */
  judge(row: number): Verdict {
    const { columns, recent, generations } = this;
    if (!columns) throw new RangeError("no batch was begun");
    const sentMs = columns.sentMs[row]!;
    const received = columns.receivedMs[row]!;
    if (received > this.receivedMs) this.receivedMs = received;
    const ids = columns.idHashes;
    const at = row * 4;
    const code = this.tenantCodes[row]!;
    const tenant = code < 0 ? 0 : this.tenantHashes[2 * code]!;
    const day = Math.floor(sentMs / DAY_MS);
    const a = (ids[at]! ^ tenant) >>> 0;
    const b = (ids[at + 1]! ^ Math.imul(day, 0x9e3779b1)) >>> 0;
    const c = ids[at + 2]!;
    const d = ids[at + 3]!;
    if (!recent.add(a, b, c, d)) return DUPLICATE;
    const suspected = generations.add(a, b, c, d, this.receivedMs);
    if (suspected) return SUSPECTED;
    const forgotten = this.receivedMs < generations.uncheckedUntilMs;
    return forgotten || received - sentMs > this.filterMs ? UNCHECKED : SURE;
  }
}

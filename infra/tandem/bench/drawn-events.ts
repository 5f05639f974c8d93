// Batches of new random events as dedupe sees them: hash, tenant and times of each, nothing else.
import {
  DictionaryColumn,
  type EventColumns,
  Interner,
  ROW_EVENT,
  seededRandom,
} from "@tandem/shared-logic";

/** What the speed worker reads at once has about as many. */
export const BATCH_EVENTS = 4096;
const NOW_MS = Date.UTC(2026, 2, 2, 12);

const nothing = (): never => {
  throw new RangeError("not read by dedupe");
};

export class DrawnEvents {
  readonly columns: EventColumns;
  readonly rows = new Uint32Array(BATCH_EVENTS);
  readonly doubts = new Uint8Array(BATCH_EVENTS);
  private readonly random = seededRandom(Number(process.env["SEED"] ?? 1));
  private salt = 0;

  constructor() {
    const tenants = new Interner();
    const code = tenants.internText("t0");
    const count = BATCH_EVENTS;
    const tenant = new DictionaryColumn(tenants, new Int32Array(count).fill(code), count);
    const now = new Float64Array(count).fill(NOW_MS);
    this.columns = {
      partition: 0,
      count,
      offsets: new Float64Array(count),
      rowKinds: new Uint8Array(count).fill(ROW_EVENT),
      flags: new Uint8Array(count),
      timeMs: now,
      sentMs: now,
      receivedMs: now,
      idHashes: new Uint32Array(4 * count),
      userKinds: new Uint8Array(count),
      field: (path) => (path === "tenant" ? tenant : nothing()),
      cut: nothing,
    };
  }

  /** Makes the next batch; the rows of its events are `rows`. */
  next(): void {
    const { random, rows } = this;
    const { idHashes } = this.columns;
    // The generator begins anew after 2^32 numbers; the salt sees to it that no id does.
    this.salt = (this.salt + 0x9e3779b9) | 0;
    for (let i = 0; i < idHashes.length; i += 4) {
      idHashes[i] = random.u32();
      idHashes[i + 1] = random.u32() ^ this.salt;
      idHashes[i + 2] = random.u32();
      idHashes[i + 3] = random.u32();
    }
    for (let row = 0; row < rows.length; row++) rows[row] = row;
  }
}

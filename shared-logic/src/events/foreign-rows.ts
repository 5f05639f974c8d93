// Records without our header (another producer's JSON topic) as rows: each goes through validation first and is an
// event, which counts as imported, or dead. Many at once where a kernel knows them.
import type { RecordBatch } from "../ports/event-log.ts";
import type { BodyColumns, FieldSlots } from "./body-columns.ts";
import { decideTime } from "./decide-time.ts";
import { FLAG_IMPORTED, ROW_EVENT } from "./event-columns.ts";
import type { EventFacts } from "./event-facts.ts";
import { hashEventId, hashUser } from "./event-hashes.ts";
import { DEFAULT_EVENT_LIMITS, type EventLimits } from "./event-limits.ts";
import { EventValidator } from "./event-validator.ts";
import { type EventKernel, ROW_GOOD } from "./kernels/event-kernel.ts";
import type { Kernels } from "./kernels/kernel-choice.ts";
import { importReceivedMs } from "./make-record.ts";
import { RECORD_MAGIC } from "./record.ts";
import type { RecordColumns } from "./record-columns.ts";
import type { TextDictionary } from "./text-dictionary.ts";

export interface RowColumns {
  readonly records: RecordColumns;
  readonly bodies: BodyColumns;
  readonly tenants: TextDictionary | undefined;
  readonly types: TextDictionary | undefined;
}

type ReadOwn = (row: number) => void;

/** Whether a record has not our header; an empty one is none of anybody's. */
export function isForeign({ bytes, starts, ends }: RecordBatch, row: number): boolean {
  return starts[row]! < ends[row]! && bytes[starts[row]!] !== RECORD_MAGIC;
}

export class ForeignRows {
  private readonly to: RowColumns;
  private readonly tenant: Uint8Array;
  private readonly validator: EventValidator;
  private readonly found: FieldSlots;
  private readonly typeSlot: number;

  /** `tenant`: theirs, UTF-8. */
  constructor(to: RowColumns, tenant: Uint8Array, limits?: EventLimits, kernels?: Kernels) {
    this.to = to;
    this.tenant = tenant;
    const imported = { ...(limits ?? DEFAULT_EVENT_LIMITS), imported: true };
    const validator = new EventValidator(imported, to.bodies.paths, kernels);
    this.validator = validator;
    this.found = to.bodies.slotsIn(validator.scanner, (path) => validator.slotOf(path));
    this.typeSlot = validator.slotOf("event_type");
  }

  /**
   * Prepares for all of a batch at once, as one whose rows are foreign nearly always is: reading its bytes in order
   * is also the quickest way to have them near.
   */
  begin({ bytes }: RecordBatch): void {
    this.validator.begin(bytes, 0, bytes.length);
  }
  end(): void {
    this.validator.end();
  }

  /** Reads rows [from, until) of the batch; those that are not foreign, `readOwn` does. */
  read(batch: RecordBatch, from: number, until: number, readOwn: ReadOwn): void {
    const { validator } = this;
    const { bytes, starts, ends } = batch;
    this.to.tenants?.repeat(from, until - from, this.tenant);
    const begun = validator.hasBegun(bytes);
    if (!begun) validator.begin(bytes, starts[from]!, ends[until - 1]!);
    for (let row = from; row < until; ) {
      const count = validator.rowsAtOnce(until - row);
      const kernel = validator.validateRows(starts, ends, row, count);
      if (kernel) row = this.takeRows(batch, row, count, kernel, readOwn);
      else for (const end = row + count; row < end; row++) this.readRow(batch, row, readOwn);
    }
    if (!begun) validator.end();
  }

  /** Where to go on: behind a row that brought a shape, as the kernel may know those that follow. */
  private takeRows(
    batch: RecordBatch,
    row: number,
    count: number,
    kernel: EventKernel,
    readOwn: ReadOwn,
  ): number {
    const { records, bodies, types } = this.to;
    records.putRows(row, count, kernel, batch);
    const { good } = this.validator;
    bodies.putRows(row, count, this.found, kernel, good);
    const pending = types?.take(kernel, this.typeSlot, row, count, batch.bytes) ?? 0;
    if (good === count && pending === 0) return row + count;
    const { starts, ends } = kernel.planes[this.typeSlot]!;
    const { status } = kernel;
    for (let r = 0; r < count; r++) {
      if (status[r] !== ROW_GOOD) {
        const learned = this.readRow(batch, row + r, readOwn);
        if (learned) return row + r + 1;
      } else if (types?.isPending(row + r)) types.put(row + r, batch.bytes, starts[r]!, ends[r]!);
    }
    return row + count;
  }

  /** Whether the row brought a shape. */
  private readRow(batch: RecordBatch, row: number, readOwn: ReadOwn): boolean {
    if (!isForeign(batch, row)) {
      readOwn(row);
      return false;
    }
    const { records, bodies, tenants, types } = this.to;
    const [from, until] = [batch.starts[row]!, batch.ends[row]!];
    const facts = this.validator.validate(batch.bytes, from, until);
    if ("eventId" in facts) {
      this.putFacts(facts, row, from, until);
      bodies.putRow(row, this.found);
    } else {
      records.dead(row);
      tenants?.none(row);
      types?.none(row);
    }
    return this.validator.hasLearned;
  }

  private putFacts(facts: EventFacts, row: number, from: number, until: number): void {
    const { records, types } = this.to;
    const receivedMs = importReceivedMs(facts);
    const decided = decideTime(facts.sentMs, undefined, receivedMs);
    records.rowKinds[row] = ROW_EVENT;
    records.flags[row] = FLAG_IMPORTED | decided.flags;
    records.sentMs[row] = facts.sentMs;
    records.timeMs[row] = decided.timeMs;
    records.receivedMs[row] = receivedMs;
    records.bodyStarts[row] = from;
    records.bodyEnds[row] = until;
    hashEventId(facts, records.idHashes, 4 * row);
    records.userKinds[row] = hashUser(facts, records.userHashes, 2 * row);
    const type = facts.eventType;
    types?.put(row, type.bytes, type.from, type.until);
  }
}

// A log that holds record batches of about 1 MiB in memory and gives them out as they are, so that what is
// measured is the reader. One partition; `log` gives it the rest of the port.
import { MemoryEventLog } from "@tandem/adapters/memory";
import {
  type EventFacts,
  type EventLog,
  makeRecord,
  type OffsetRange,
  type RecordBatch,
  validateEvent,
} from "@tandem/shared-logic";
import type { Workload } from "./workload.ts";

const BATCH_BYTES = 1 << 20;
const encoder = new TextEncoder();

/** The facts of an event that is one. */
export function factsOf(bytes: Uint8Array, from: number, until: number): EventFacts {
  const facts = validateEvent(bytes, from, until);
  if ("eventId" in facts) return facts;
  throw new RangeError(JSON.stringify(facts));
}

/** The records the collector would have made, each with its tenant. */
export function* ownRecords(w: Workload): Generator<Uint8Array> {
  const tenants = Array.from({ length: 256 }, (_, t) => encoder.encode(`t${t}`));
  for (let i = 0; i < w.count; i++) {
    const facts = factsOf(w.bytes, w.starts[i]!, w.ends[i]!);
    yield makeRecord(facts, tenants[w.tenants[i]!]!, w.arrivalMs[i]!);
  }
}

/** The lines as they are: what a topic of another producer holds. */
export function* foreignRecords(w: Workload): Generator<Uint8Array> {
  for (let i = 0; i < w.count; i++) yield w.bytes.subarray(w.starts[i]!, w.ends[i]!);
}

export function batchesOf(records: Iterable<Uint8Array>): RecordBatch[] {
  const batches: RecordBatch[] = [];
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let offset = 0;
  const close = (): void => {
    if (held.length === 0) return;
    const bytes = new Uint8Array(heldBytes);
    const [starts, ends] = [new Int32Array(held.length), new Int32Array(held.length)];
    let at = 0;
    for (const [i, record] of held.entries()) {
      bytes.set(record, at);
      starts[i] = at;
      at += record.length;
      ends[i] = at;
    }
    const first = offset;
    const offsets = Float64Array.from(held, (_, i) => first + i);
    offset += held.length;
    batches.push({ partition: 0, to: offset, count: held.length, bytes, starts, ends, offsets });
    held = [];
    heldBytes = 0;
  };
  for (const record of records) {
    if (heldBytes + record.length > BATCH_BYTES) close();
    held.push(record);
    heldBytes += record.length;
  }
  close();
  return batches;
}

export class HeldLog extends MemoryEventLog implements EventLog {
  private readonly batches = new Map<number, RecordBatch>();
  private end: number;

  constructor(batches: readonly RecordBatch[]) {
    super();
    let at = 0;
    for (const batch of batches) {
      this.batches.set(at, batch);
      at = batch.to;
    }
    this.end = at;
  }

  /** The log ends there for now, where a batch does. */
  endAt(offset: number): void {
    this.end = offset;
  }

  override async read(
    _dataset: string,
    partition: number,
    from: number,
    _maxBytes: number,
  ): Promise<RecordBatch> {
    const held = this.batches.get(from);
    if (held && held.to <= this.end) return held;
    if (from !== this.end) throw new RangeError(`no batch begins at ${from}`);
    const none = new Int32Array(0);
    const offsets = new Float64Array(0);
    const bytes = new Uint8Array(0);
    return { partition, to: from, count: 0, bytes, starts: none, ends: none, offsets };
  }

  override async ranges(): Promise<readonly OffsetRange[]> {
    return [{ start: 0, end: this.end }];
  }
}

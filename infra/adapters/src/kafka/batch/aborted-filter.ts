// Leaves out what a reader of committed records does not see: control batches, and the batches of
// aborted transactions (KIP-98; the brokers send the list with each response, by first offset).
import { int64At } from "../wire/wire-reader.ts";
import { ATTRIBUTE, BATCH } from "./layout.ts";

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** The type of a control record is the second number of its key; this is the one that ends an aborted transaction. */
const ABORT_MARKER = 0;

export class AbortedFilter {
  private readonly waiting: AbortedTransaction[];
  private readonly aborting = new Set<number>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.waiting = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Asked for each batch in its order. */
  keeps(bytes: Buffer, at: number, attributes: number, lastOffset: number): boolean {
    const control = (attributes & ATTRIBUTE.control) !== 0;
    if (this.waiting.length === 0 && this.aborting.size === 0) return !control;
    while ((this.waiting[0]?.firstOffset ?? Number.POSITIVE_INFINITY) <= lastOffset) {
      this.aborting.add(this.waiting.shift()?.producerId ?? -1);
    }
    const producer = int64At(bytes, at + BATCH.producerId);
    if (control && markerType(bytes, at) === ABORT_MARKER) this.aborting.delete(producer);
    if (control) return false;
    return (attributes & ATTRIBUTE.transactional) === 0 || !this.aborting.has(producer);
  }
}

/** A control batch is one record: length, attributes, time, delta, key length, then version and type. */
function markerType(bytes: Buffer, at: number): number {
  let i = at + BATCH.records;
  const skipVarint = () => {
    while ((bytes[i] ?? 0) > 127) i++;
    i++;
  };
  skipVarint();
  i++;
  for (let k = 0; k < 3; k++) skipVarint();
  return i + 4 <= bytes.length ? bytes.readInt16BE(i + 2) : -1;
}

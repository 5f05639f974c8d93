// The traces of a partition's last records, in memory: they are for operators who follow a request, and a reader
// that is up to date finds them. Bounded; what is older, or of before a restart, is lost.
import type { RecordBatch, TracedRecord } from "@tandem/shared-logic";

const KEPT = 1_000;

export class LastTraces {
  /** In order of offset. */
  private readonly kept: TracedRecord[] = [];

  note(offset: number, traceparent: string): void {
    this.kept.push({ offset, traceparent });
    if (this.kept.length >= 2 * KEPT) this.kept.splice(0, KEPT);
  }

  /** The batch from `from` on, with those of its records. */
  on(batch: RecordBatch, from: number): RecordBatch {
    const last = this.kept.at(-1);
    if (last === undefined || last.offset < from) return batch;
    const traces = this.kept.filter(({ offset }) => offset >= from && offset < batch.to);
    return traces.length > 0 ? { ...batch, traces } : batch;
  }
}

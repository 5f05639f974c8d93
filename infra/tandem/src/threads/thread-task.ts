// What is asked of a worker thread: a batch task, or the encoding of an archive object.
import type { Task } from "@tandem/batch-layer";
import type { RecordBatch, RunRow } from "@tandem/shared-logic";

export type ThreadTask =
  | { readonly kind: "batch"; readonly task: Task }
  | {
      readonly kind: "encode";
      readonly partition: number;
      readonly batches: readonly RecordBatch[];
    };

export interface ThreadResult {
  readonly rows?: readonly RunRow[];
  readonly bytes?: Uint8Array;
}

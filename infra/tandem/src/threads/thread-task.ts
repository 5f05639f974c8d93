// What is asked of a worker thread: a batch task, or the encoding of an archive object.
import type { Task } from "@tandem/batch-layer";
import type { RecordBatch, RunRow } from "@tandem/shared-logic";

export interface ThreadStart {
  /** Folder of the object store. */
  readonly objects: string;
  readonly metricFolders: readonly string[];
}

export type ThreadTask =
  | { readonly kind: "batch"; readonly task: Task }
  | {
      readonly kind: "encode";
      readonly partition: number;
      readonly batches: readonly RecordBatch[];
    };

export interface ThreadRequest {
  readonly id: number;
  readonly task: ThreadTask;
}

export type ThreadReply =
  | {
      readonly id: number;
      readonly ok: true;
      readonly rows?: readonly RunRow[];
      readonly bytes?: Uint8Array;
    }
  | {
      readonly id: number;
      readonly ok: false;
      readonly code: string | undefined;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    };

// What a partition of the file log is opened with.
import type { Clock } from "@tandem/shared-logic";
import type { FileLayer } from "../files/file-layer.ts";

export interface PartitionOptions {
  readonly files: FileLayer;
  readonly clock: Clock;
  /** The partition's own folder. */
  readonly folder: string;
  readonly partition: number;
  readonly segmentBytes: number;
  readonly tailBytes: number;
}

// What a check of a whole installation is given and what it reports.
import type { SealPorts } from "@tandem/batch-layer";
import type { ObjectLimits } from "@tandem/ingest";
import type {
  CheckpointStore,
  Clock,
  DatasetRow,
  EventLog,
  Finding,
  Metric,
  Progress,
} from "@tandem/shared-logic";

export interface FsckPorts extends SealPorts {
  readonly log: EventLog;
  readonly checkpoints: CheckpointStore;
  readonly clock: Pick<Clock, "now">;
}

export interface FsckFacts {
  readonly dataset: Pick<DatasetRow, "dataset" | "genesis">;
  readonly metrics: readonly Metric[];
  readonly limits: ObjectLimits;
}

export interface FsckRequest {
  readonly repair: boolean;
  /** Count the records of every object too. */
  readonly deep?: boolean;
  /** Also runs that are kept but not shown. */
  readonly allRuns?: boolean;
  /** Who stands in the ledger. */
  readonly by: string;
  readonly progress?: Progress;
}

/** Something that was put right, or given up for good. */
export interface Repaired {
  readonly what: "refetched" | "listed" | "lost" | "run" | "span";
  readonly at: string;
  readonly says: string;
}

export interface FsckReport {
  readonly checked: {
    readonly objects: number;
    readonly bytes: number;
    readonly runs: number;
    /** Weeks and months. */
    readonly spans: number;
    readonly checkpoints: number;
  };
  /** As it was found. */
  readonly findings: readonly Finding[];
  readonly repaired: readonly Repaired[];
  /** Damage that is there still. */
  readonly left: readonly Finding[];
}

// What `Tandem` is opened with, and the ports that it opens.
import { loadConfig, type Stack, type TandemConfig } from "@tandem/adapters/stack";
import type { ObjectLimits } from "@tandem/ingest";
import type {
  CheckpointStore,
  Clock,
  DatasetSettings,
  DeadLetters,
  EventLog,
  ObjectStore,
  Telemetry,
  ViewStore,
} from "@tandem/shared-logic";
import type { SpeedOptions, SpeedPorts } from "@tandem/speed-layer";

export const PORTS = ["log", "views", "objects", "checkpoints", "deadLetters"] as const;
export type OpenPorts = Stack<(typeof PORTS)[number]>;

export interface TandemOptions {
  readonly dataDir: string;
  readonly metricFolders?: readonly string[];
  /** Everything else that can be set; the two above go before it. */
  readonly config?: TandemConfig;
  readonly clock: Clock;
  /** Of a dataset created now. Default 4. */
  readonly partitions?: number;
  /** Folding settings of a dataset created now. */
  readonly settings?: DatasetSettings;
  readonly speed?: SpeedOptions;
  /** Where archive objects end. */
  readonly objectLimits?: ObjectLimits;
  /** Worker threads for batch and archive; 0: in this thread. Default: half of the cores, at least 1. */
  readonly threads?: number;
  readonly telemetry?: Telemetry;
  /** Told of records that came with a trace, once they are in the views. */
  readonly onVisible?: NonNullable<SpeedPorts["onVisible"]>;
  /** Told of every failure that a loop tries again after or stops at. */
  readonly onError?: (error: unknown, where: string) => void;
  /** Told where a loop has stopped for good: nothing that it feeds moves on until the process is started again. */
  readonly onFatal?: (error: unknown, where: string) => void;
}

export interface TandemPorts {
  readonly log: EventLog;
  readonly views: ViewStore;
  readonly objects: ObjectStore;
  readonly checkpoints: CheckpointStore;
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
}

export function configOf(
  o: Pick<TandemOptions, "config" | "dataDir" | "metricFolders">,
): TandemConfig {
  const base = o.config ?? loadConfig({ env: {} }).config;
  return { ...base, dataDir: o.dataDir, metricFolders: [...(o.metricFolders ?? [])] };
}

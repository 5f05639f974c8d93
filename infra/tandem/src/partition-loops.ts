// What runs for each partition of the log: its speed worker and its archiver.
import { randomUUID } from "node:crypto";
import type { TandemConfig } from "@tandem/adapters/stack";
import { Archiver } from "@tandem/ingest";
import {
  type ArchiveCodec,
  ColumnScanner,
  type DatasetRow,
  fieldsOfAll,
  type Metric,
} from "@tandem/shared-logic";
import { type SpeedPorts, SpeedWorker } from "@tandem/speed-layer";
import type { OpenPorts, TandemOptions } from "./tandem-options.ts";

export interface Place {
  readonly config: TandemConfig;
  readonly ports: OpenPorts;
  readonly options: Pick<TandemOptions, "telemetry" | "onVisible" | "speed" | "objectLimits">;
  readonly dataset: DatasetRow;
  readonly metrics: readonly Metric[];
}

export function speedWorkers(
  { config, ports, options, dataset, metrics }: Place,
  onFlush: NonNullable<SpeedPorts["onFlush"]>,
): SpeedWorker[] {
  const { telemetry, onVisible, speed } = options;
  const fields = fieldsOfAll(metrics);
  const told = { ...(telemetry ? { telemetry } : {}), ...(onVisible ? { onVisible } : {}) };
  const owner = randomUUID().slice(0, 8);
  return dataset.genesis.map(
    (_, partition) =>
      new SpeedWorker(
        { ...ports, onFlush, ...told },
        { dataset: dataset.dataset, partition, owner },
        metrics,
        new ColumnScanner(fields),
        { ...config.speed, ...speed },
      ),
  );
}

export function archivers(
  { config, ports, options, dataset }: Place,
  codec: ArchiveCodec,
  onRetry: (error: unknown) => void,
): Archiver[] {
  const { records, sizeBytes: bytes } = config.archive;
  const limits = options.objectLimits ?? { records, bytes };
  return dataset.genesis.map(
    (genesis, partition) =>
      new Archiver({
        ...ports,
        codec,
        dataset: dataset.dataset,
        partition,
        genesis,
        limits,
        onRetry,
      }),
  );
}

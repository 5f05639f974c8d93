// The dataset that a process works on, as `tandem setup` created it, held against the configuration.
import {
  type DatasetRow,
  datasetKey,
  type EventLog,
  TandemError,
  type ViewStore,
} from "@tandem/shared-logic";
import type { TandemConfig } from "./config-schema.ts";

/** Throws `configuration` where it was not created, or has another number of partitions. */
export async function requiredDataset(
  { dataset: { name, partitions } }: Pick<TandemConfig, "dataset">,
  { views, log }: { readonly views: ViewStore; readonly log?: Pick<EventLog, "partitions"> },
): Promise<DatasetRow> {
  const found = await views.ledger(datasetKey(name));
  if (!found) {
    throw new TandemError("configuration", {
      message: `dataset.name (TANDEM_DATASET_NAME): dataset ${name} was not created; run \`tandem setup\` once, or correct the name`,
    });
  }
  const row = JSON.parse(found.value) as DatasetRow;
  requirePartitions(name, "the ledger", row.genesis.length, partitions);
  if (log) requirePartitions(name, "the log", await log.partitions(name), partitions);
  return row;
}

export function requirePartitions(
  name: string,
  where: string,
  found: number,
  partitions: number,
): void {
  if (found === partitions) return;
  const fix =
    found === 0
      ? "run `tandem setup` once, or correct what the settings point at"
      : `set it to ${found}, or use another dataset`;
  throw new TandemError("configuration", {
    message: `dataset.partitions (TANDEM_DATASET_PARTITIONS) is ${partitions}, but ${where} has ${found} partitions of ${name}; ${fix}`,
    details: { dataset: name, found, partitions },
  });
}

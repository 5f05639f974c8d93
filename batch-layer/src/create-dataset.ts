// Creates a dataset: the log's partitions, then the creation row with its genesis offsets and the metrics
// active from genesis. May be repeated; an existing dataset is left as it is.
import {
  type CutRow,
  cutKey,
  type DatasetRow,
  type DatasetSettings,
  datasetKey,
  type EventLog,
  type Fingerprint,
  HOUR_MS,
  type ViewStore,
} from "@tandem/shared-logic";
import { casLedger, readLedger } from "./ledger.ts";

export const DEFAULT_SETTINGS: DatasetSettings = {
  ringIds: 65_536,
  generationIds: 1_000_000,
  filterMs: 24 * HOUR_MS,
};

export async function createDataset(
  ports: { readonly log: EventLog; readonly views: ViewStore },
  dataset: string,
  partitions: number,
  first: readonly Fingerprint[],
  settings: DatasetSettings = DEFAULT_SETTINGS,
): Promise<DatasetRow> {
  const { log, views } = ports;
  const known = await readLedger<DatasetRow>(views, datasetKey(dataset));
  await log.create(dataset, partitions);
  if (known.value && (await readLedger<CutRow>(views, cutKey(dataset))).value) return known.value;
  const genesis = (await log.ranges(dataset)).map((r) => r.start);
  const row: DatasetRow = known.value ?? { dataset, genesis, first, settings };
  if (!known.value) await casLedger(views, datasetKey(dataset), known, row);
  const created = (await readLedger<DatasetRow>(views, datasetKey(dataset))).value ?? row;
  const cut: CutRow = {
    seq: 0,
    activates: [],
    retires: [],
    done: true,
    activatedAt: Object.fromEntries(created.first.map((fp) => [fp, 0])),
    retired: [],
  };
  await casLedger(views, cutKey(dataset), { version: 0, value: undefined }, cut);
  return created;
}

// Downsamples one archive object: a sample of its rows and what each of them stands for are kept, then the ledger says
// that its offsets are no input of a run any more, then the object goes. An object with nothing to downsample is
// noted, so that it is read once.
import {
  type ObjectStore,
  plusExpired,
  type RetentionRow,
  readArchived,
  retentionKey,
  sampleKey,
  TandemError,
  weightsKey,
} from "@tandem/shared-logic";
import { casLedger, readLedger } from "../ledger.ts";
import type { SealPorts } from "../seal.ts";
import { dropObject, moveObject } from "./archived-objects.ts";
import { NO_RETENTION } from "./read-facts.ts";
import type { RetentionAction } from "./retention-facts.ts";
import { sampledRows } from "./sampled-rows.ts";

export interface DownsamplePlace {
  readonly dataset: string;
  readonly partitions: number;
  readonly types: readonly string[];
}

type Downsampling = Extract<RetentionAction, { readonly do: "downsample_object" }>;

/** False where the object is not there as it was written: fsck tells of it. */
export async function downsampleObject(
  ports: SealPorts,
  { dataset, partitions, types }: DownsamplePlace,
  action: Downsampling,
): Promise<boolean> {
  const { objects, codec, sha256 } = ports;
  const { partition, object } = action;
  const good = (b: Uint8Array): boolean => sha256(b) === action.sha256;
  const bytes = await readArchived(objects, action, good);
  if (!bytes || !good(bytes)) return false;
  const sampled = sampledRows(await codec.columns(bytes, ["tenant", "event_type"]), types);
  if (!sampled) {
    await changeRetention(ports, dataset, (row) => {
      const known = row.plain?.types.join("\n") === types.join("\n") ? row.plain.ranges : [];
      return { ...row, plain: { types, ranges: plusExpired(known, action, partitions) } };
    });
    return action.thenMove ? moveObject(ports, object) : true;
  }
  const { weights } = sampled;
  const records = await codec.records(bytes, sampled.rows);
  await putProven(objects, sampleKey(object), await codec.encode(partition, [records]));
  const told = { dataset, partition, from: action.from, to: action.to, types, weights };
  await putProven(objects, weightsKey(object), new TextEncoder().encode(JSON.stringify(told)));
  await dropObject(ports, dataset, action, partitions, true);
  return true;
}

/** What an older program or a pass that was cut short left there is not believed. */
async function putProven(objects: ObjectStore, key: string, bytes: Uint8Array): Promise<void> {
  const same = (there: Uint8Array | undefined): boolean =>
    there !== undefined && Buffer.compare(there, bytes) === 0;
  const there = await objects.get(key);
  if (same(there)) return;
  if (there) await objects.remove(key);
  await objects.putIfAbsent(key, bytes);
  if (!same(await objects.get(key)))
    throw new TandemError("object_damaged", { details: { object: key } });
}

async function changeRetention(
  { views }: Pick<SealPorts, "views">,
  dataset: string,
  change: (row: RetentionRow) => RetentionRow,
): Promise<void> {
  const key = retentionKey(dataset);
  for (;;) {
    const seen = await readLedger<RetentionRow>(views, key);
    if (await casLedger(views, key, seen, change(seen.value ?? NO_RETENTION))) return;
  }
}

// Moving archive objects to the cold place and giving them up. What goes stands in the ledger before it is removed.
import {
  coldKey,
  plusExpired,
  type RepairsRow,
  type RetentionRow,
  readArchived,
  repairsKey,
  retentionKey,
  TandemError,
} from "@tandem/shared-logic";
import { casLedger, readLedger } from "../ledger.ts";
import type { SealPorts } from "../seal.ts";
import { NO_RETENTION } from "./read-facts.ts";
import type { ArchivedObject } from "./retention-facts.ts";

/** A copy first, proven, then the other is removed: at every moment the object is at one of its places. */
export async function moveObject(
  { objects, sha256 }: Pick<SealPorts, "objects" | "sha256">,
  object: string,
): Promise<boolean> {
  const bytes = await objects.get(object);
  if (!bytes) return false;
  const cold = coldKey(object);
  const there = await objects.get(cold);
  if (there && sha256(there) !== sha256(bytes)) await objects.remove(cold);
  await objects.putIfAbsent(cold, bytes);
  const copy = await readArchived(objects, { object: cold });
  if (!copy || sha256(copy) !== sha256(bytes))
    throw new TandemError("object_damaged", { details: { object: cold } });
  await objects.remove(object);
  return true;
}

/** `sampled`: a sample of it was kept. */
export async function dropObject(
  { views, objects }: Pick<SealPorts, "views" | "objects">,
  dataset: string,
  range: ArchivedObject,
  partitions: number,
  sampled = false,
): Promise<void> {
  await refuseWhileRepaired(views, dataset);
  const key = retentionKey(dataset);
  for (;;) {
    const seen = await readLedger<RetentionRow>(views, key);
    const row = seen.value ?? NO_RETENTION;
    const next = {
      ...row,
      expired: plusExpired(row.expired, range, partitions),
      ...(sampled ? { sampled: plusExpired(row.sampled ?? [], range, partitions) } : {}),
    };
    if (JSON.stringify(next) === JSON.stringify(row)) break;
    if (await casLedger(views, key, seen, next)) break;
  }
  await objects.remove(range.object);
  await objects.remove(coldKey(range.object));
}

/** A repair reads objects and writes entries: nothing is given up beside it. */
export async function refuseWhileRepaired(
  views: SealPorts["views"],
  dataset: string,
): Promise<void> {
  const repairs = (await readLedger<RepairsRow>(views, repairsKey(dataset))).value;
  if (repairs?.done === false)
    throw new TandemError("store_unavailable", {
      message: "the archive is being repaired: end that first with tandem fsck --repair",
    });
}

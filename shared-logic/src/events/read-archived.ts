// The bytes of an archive object, wherever retention has put it: it is copied to the cold place first and then
// removed from the first one, so that it is found at one of them at every moment.
import type { ObjectStore } from "../ports/object-store.ts";
import { coldKey, type ManifestEntry } from "./manifest.ts";

/** Undefined where it is at neither place. `good`: a copy that is not is passed over where the other one is. */
export async function readArchived(
  objects: Pick<ObjectStore, "get">,
  { object }: Pick<ManifestEntry, "object">,
  good: (bytes: Uint8Array) => boolean = () => true,
): Promise<Uint8Array | undefined> {
  const hot = await objects.get(object);
  if (hot && good(hot)) return hot;
  return (await objects.get(coldKey(object))) ?? hot;
}

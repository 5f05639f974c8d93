// Nothing damaged is thrown away: its bytes are kept under `damaged/` before its name is given to the repaired
// object. Nothing reads there; people may delete what they have looked at.
import type { ObjectStore } from "@tandem/shared-logic";

export async function setAside(
  {
    objects,
    sha256,
  }: { readonly objects: ObjectStore; readonly sha256: (b: Uint8Array) => string },
  key: string,
): Promise<void> {
  const bytes = await objects.get(key);
  if (!bytes) return;
  await objects.putIfAbsent(`damaged/${key}.${sha256(bytes).slice(0, 12)}`, bytes);
  await objects.remove(key);
}

// Reads a kept partial state. One that is gone or damaged is named in the error, so that it can be made again.
import {
  decodePartial,
  type ObjectStore,
  type PartialRow,
  TandemError,
} from "@tandem/shared-logic";

export async function readPartial(
  objects: Pick<ObjectStore, "get">,
  key: string,
): Promise<PartialRow[]> {
  const bytes = await objects.get(key);
  if (!bytes) throw new TandemError("object_missing", { details: { object: key } });
  try {
    return decodePartial(bytes);
  } catch (cause) {
    if (!(cause instanceof TandemError)) throw cause;
    throw new TandemError("corrupt_bytes", { details: { ...cause.details, object: key }, cause });
  }
}

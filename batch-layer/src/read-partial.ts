// Reads a kept partial state. One that is gone or damaged is named in the error, so that it can be made again.
import {
  decodePartial,
  type ObjectStore,
  type PartialRow,
  TandemError,
} from "@tandem/shared-logic";

export interface KeptPartial {
  readonly bytes: Uint8Array;
  readonly rows: readonly PartialRow[];
}

export async function readPartial(
  objects: Pick<ObjectStore, "get">,
  key: string,
): Promise<KeptPartial> {
  const bytes = await objects.get(key);
  if (!bytes) throw new TandemError("object_missing", { details: { object: key } });
  try {
    return { bytes, rows: decodePartial(bytes) };
  } catch (cause) {
    if (!(cause instanceof TandemError)) throw cause;
    throw new TandemError("corrupt_bytes", { details: { ...cause.details, object: key }, cause });
  }
}

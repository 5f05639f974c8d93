// Objects and manifest entries written once: ours, or those of whoever was first with the same records.
import {
  type ArchiveCodec,
  encodeManifestEntry,
  type ManifestEntry,
  manifestKey,
  type ObjectStore,
  parseManifestEntry,
  type RecordBatch,
  TandemError,
} from "@tandem/shared-logic";
import { sameRecords } from "./record-batches.ts";

interface Ports {
  readonly objects: Pick<ObjectStore, "putIfAbsent" | "get">;
  readonly codec: Pick<ArchiveCodec, "records">;
}

/** The object as it is stored: ours, or one that stood there already with the same records. */
export async function putObject(
  { objects, codec }: Ports,
  key: string,
  bytes: Uint8Array,
  batches: readonly RecordBatch[],
): Promise<Uint8Array> {
  try {
    await objects.putIfAbsent(key, bytes);
    return bytes;
  } catch (error) {
    if (!isConflict(error)) throw error;
    // Another version of the compressor gives other bytes for the same records.
    const existing = await objects.get(key);
    if (!existing || !sameRecords([await codec.records(existing)], batches)) throw error;
    return existing;
  }
}

/** The entry as it stands in the manifest: ours, or that of whoever was first to end an object. */
export async function putEntry(
  { objects }: Pick<Ports, "objects">,
  entry: ManifestEntry,
): Promise<ManifestEntry> {
  const key = manifestKey(entry);
  try {
    await objects.putIfAbsent(key, encodeManifestEntry(entry));
    return entry;
  } catch (error) {
    if (!isConflict(error)) throw error;
    const existing = await objects.get(key);
    if (!existing) throw error;
    return parseManifestEntry(existing, key);
  }
}

const isConflict = (error: unknown): boolean =>
  error instanceof TandemError && error.code === "object_conflict";

// What the object store holds of one partition's archive, as plain data: manifest entries, understood or not,
// and the objects beside them. Nothing is judged here.
import {
  type ManifestEntry,
  manifestPrefix,
  type ObjectStore,
  parseManifestEntry,
  type StoredObject,
  TandemError,
} from "@tandem/shared-logic";

export interface ListedEntry {
  readonly key: string;
  /** Undefined: it cannot be understood. */
  readonly entry: ManifestEntry | undefined;
}

export interface Listing {
  readonly dataset: string;
  readonly partition: number;
  readonly entries: readonly ListedEntry[];
  readonly objects: readonly StoredObject[];
}

export const archivePrefix = (dataset: string, partition: number): string =>
  `archive/${dataset}/${partition}/`;

const NAME = /(\d{16})-(\d{16})\.[^./]+$/;

/** Offsets that an object's name says; undefined where it is no name of the archiver's. */
export function rangeNamed(
  key: string,
): { readonly from: number; readonly to: number } | undefined {
  const [, from, to] = NAME.exec(key) ?? [];
  return from === undefined || to === undefined
    ? undefined
    : { from: Number(from), to: Number(to) };
}

export async function readListing(
  objects: Pick<ObjectStore, "get" | "list">,
  dataset: string,
  partition: number,
): Promise<Listing> {
  const stored: StoredObject[] = [];
  // Objects first: one that is written meanwhile is listed or is not there yet.
  for await (const object of objects.list(archivePrefix(dataset, partition))) stored.push(object);
  const entries: ListedEntry[] = [];
  for await (const { key } of objects.list(manifestPrefix(dataset, partition))) {
    const bytes = await objects.get(key);
    entries.push({ key, entry: bytes && understood(bytes, key) });
  }
  return { dataset, partition, entries, objects: stored };
}

function understood(bytes: Uint8Array, key: string): ManifestEntry | undefined {
  try {
    return parseManifestEntry(bytes, key);
  } catch (error) {
    if (error instanceof TandemError && error.code === "corrupt_bytes") return undefined;
    throw error;
  }
}

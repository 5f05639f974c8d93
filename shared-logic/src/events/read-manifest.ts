// Reads the manifest of one partition and proves that its ranges tile from an offset on: each entry
// begins where the one before it ends. A hole is `archive_gap`; nothing is read around it.
import { TandemError } from "../errors.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import { type ManifestEntry, manifestKey, manifestPrefix } from "./manifest.ts";
import { parseManifestEntry } from "./parse-manifest.ts";

const SUFFIX = ".json";

/** The newest entry of a partition, read alone: where an archiver goes on. */
export async function lastManifestEntry(
  objects: ObjectStore,
  dataset: string,
  partition: number,
): Promise<ManifestEntry | undefined> {
  let last: string | undefined;
  for await (const { key } of objects.list(manifestPrefix(dataset, partition))) last = key;
  if (last === undefined) return undefined;
  const bytes = await objects.get(last);
  if (bytes === undefined) throw new TandemError("object_missing", { details: { key: last } });
  return parseManifestEntry(bytes, last);
}

/** Entries from the one that begins at `from` (genesis, or the end of an entry read before) on. */
export async function readManifest(
  objects: ObjectStore,
  dataset: string,
  partition: number,
  from: number,
): Promise<ManifestEntry[]> {
  const entries: ManifestEntry[] = [];
  const taken = new Set<string>();
  const keyAt = (offset: number): string => manifestKey({ dataset, partition, from: offset });
  let next = from;
  const take = async (key: string): Promise<boolean> => {
    const bytes = await objects.get(key);
    if (bytes === undefined) return false;
    const entry = parseManifestEntry(bytes, key);
    if (entry.dataset !== dataset || entry.partition !== partition || keyAt(entry.from) !== key) {
      throw new TandemError("corrupt_bytes", { details: { what: "manifest entry's key", key } });
    }
    entries.push(entry);
    taken.add(key);
    next = entry.to;
    return true;
  };
  // Without its suffix the key of `from` sorts just before itself.
  const after = keyAt(from).slice(0, -SUFFIX.length);
  for await (const { key } of objects.list(manifestPrefix(dataset, partition), after)) {
    // Entries are written in order, yet a listing that runs beside a writer may show a later one only.
    while (!taken.has(key) && keyAt(next) < key && (await take(keyAt(next))));
    if (taken.has(key)) continue;
    if (keyAt(next) !== key) {
      throw new TandemError("archive_gap", {
        details: { dataset, partition, expected: next, key },
      });
    }
    if (!(await take(key))) throw new TandemError("object_missing", { details: { key } });
  }
  return entries;
}

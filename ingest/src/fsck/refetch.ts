// Offsets of the log archived once more, by the archiver's own way: the same boundaries, object first, entry
// second. Where the boundaries are known the object is one; where not, objects end as the archiver ends them.
import {
  type ArchiveCodec,
  archiveKey,
  type EventLog,
  type ManifestEntry,
  manifestKey,
  type ObjectStore,
  type RecordBatch,
  TandemError,
} from "@tandem/shared-logic";
import { entryOfObject } from "../archiver/entry-of-object.ts";
import { extendObject, type ObjectLimits, openObject } from "../archiver/object-boundary.ts";
import { sliceBatch } from "../archiver/record-batches.ts";
import { putEntry, putObject } from "../archiver/store-object.ts";
import { setAside } from "./set-aside.ts";

export interface RefetchPorts {
  readonly log: Pick<EventLog, "read" | "ranges">;
  readonly objects: ObjectStore;
  readonly codec: ArchiveCodec;
  readonly sha256: (bytes: Uint8Array) => string;
}

export interface Place {
  readonly dataset: string;
  readonly partition: number;
}

const READ_BYTES = 1024 * 1024;

/** Records [from, to) of the log. */
async function* readRange(
  { log }: RefetchPorts,
  { dataset, partition }: Place,
  from: number,
  to: number,
): AsyncGenerator<RecordBatch> {
  for (let at = from; at < to; ) {
    const batch = await log.read(dataset, partition, at, READ_BYTES);
    if (batch.to === at) return;
    let count = batch.count;
    while (count > 0 && batch.offsets[count - 1]! >= to) count--;
    if (count > 0) yield sliceBatch(batch, 0, count);
    at = batch.to;
  }
}

/** Puts back the object of an entry; the entry as it stands afterwards. Throws `object_conflict` where the log holds other records. */
export async function refetchObject(
  ports: RefetchPorts,
  entry: ManifestEntry,
  seq: number,
): Promise<ManifestEntry> {
  const { codec, objects } = ports;
  const batches: RecordBatch[] = [];
  for await (const batch of readRange(ports, entry, entry.from, entry.to)) batches.push(batch);
  const made = await codec.encode(entry.partition, batches);
  const counted = await countedEntry(ports, entry, made, entry.object, entry.from, entry.to, seq);
  const same = (a: ManifestEntry): string =>
    JSON.stringify([a.events, a.cuts, a.dead, sorted(a.days), sorted(a.sentDays), a.receivedMs]);
  if (same(counted) !== same(entry)) {
    throw new TandemError("object_conflict", {
      message: `the log's records ${entry.from} to ${entry.to} are not those that were archived`,
      details: { object: entry.object },
    });
  }
  await setAside(ports, entry.object);
  await putObject(ports, entry.object, made, batches);
  if (counted.sha256 === entry.sha256) return entry;
  // Another version of the compressor: the same records, other bytes.
  await objects.remove(manifestKey(entry));
  return putEntry(ports, counted);
}

const sorted = (days: Readonly<Record<string, number>>) =>
  Object.entries(days).sort(([a], [b]) => Number(a) - Number(b));

/** Archives [from, to) anew; the entries that stand there afterwards. */
export async function refetchRange(
  ports: RefetchPorts,
  place: Place,
  range: { readonly from: number; readonly to: number; readonly seq: number },
  limits: ObjectLimits,
): Promise<ManifestEntry[]> {
  const made: ManifestEntry[] = [];
  let [from, seq] = [range.from, range.seq];
  let open = openObject(seq);
  let batches: RecordBatch[] = [];
  const end = async (to: number): Promise<void> => {
    const key = archiveKey(place.dataset, place.partition, from, to, ports.codec.extension);
    const bytes = await ports.codec.encode(place.partition, batches);
    // A good object of just these records is adopted; a damaged one is put aside.
    const stored = await putObject(ports, key, bytes, batches).catch(async () => {
      await setAside(ports, key);
      return putObject(ports, key, bytes, batches);
    });
    const entry = await putEntry(
      ports,
      await countedEntry(ports, place, stored, key, from, to, seq),
    );
    made.push(entry);
    [from, seq, batches] = [entry.to, entry.seq, []];
    open = openObject(seq);
  };
  for await (const batch of readRange(ports, place, range.from, range.to)) {
    for (let row = 0; row < batch.count; ) {
      const { open: grown, until, closed } = extendObject(open, batch, row, limits);
      batches.push(sliceBatch(batch, row, until));
      [open, row] = [grown, until];
      if (closed) await end(batch.offsets[until - 1]! + 1);
    }
  }
  if (batches.length > 0) await end(range.to);
  return made;
}

/** The entry of bytes, counted from them. */
export async function countedEntry(
  { codec, sha256 }: Pick<RefetchPorts, "codec" | "sha256">,
  { dataset, partition }: Place,
  bytes: Uint8Array,
  object: string,
  from: number,
  to: number,
  seq: number,
): Promise<ManifestEntry> {
  const facts = { dataset, partition, from, to, object, sizeBytes: bytes.length };
  const columns = await codec.columns(bytes, []);
  return entryOfObject({ ...facts, sha256: sha256(bytes) }, columns, seq);
}

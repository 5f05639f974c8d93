// Are the objects of manifest entries what the entries say? Length and SHA-256 of every one; with `deep` their
// records are counted again too. Reads everything, remembers nothing.
import {
  type ArchiveCodec,
  encodeManifestEntry,
  type Finding,
  type ManifestEntry,
  type ObjectStore,
  readArchived,
  TandemError,
} from "@tandem/shared-logic";
import { entryOfObject } from "../archiver/entry-of-object.ts";

export interface ObjectPorts {
  readonly objects: Pick<ObjectStore, "get">;
  readonly codec: Pick<ArchiveCodec, "columns">;
  readonly sha256: (bytes: Uint8Array) => string;
}

export interface ObjectChecks {
  readonly deep: boolean;
  /** Keys by SHA-256 of all entries: where bytes of another object belong. */
  readonly bySha: ReadonlyMap<string, string>;
  readonly onChecked: (sizeBytes: number) => void;
}

export async function checkObjects(
  ports: ObjectPorts,
  entries: readonly ManifestEntry[],
  checks: ObjectChecks,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  let seq = 0;
  for (const entry of entries) {
    const finding = entry.lost ? undefined : await checkObject(ports, entry, seq, checks);
    if (finding) findings.push(finding);
    seq = entry.seq;
    checks.onChecked(entry.sizeBytes);
  }
  return findings;
}

async function checkObject(
  { objects, codec, sha256 }: ObjectPorts,
  entry: ManifestEntry,
  seq: number,
  { deep, bySha }: ObjectChecks,
): Promise<Finding | undefined> {
  const { partition, from, to } = entry;
  const here = { at: entry.object, partition, from, to };
  const bytes = await readArchived(objects, entry, (b) => sha256(b) === entry.sha256);
  if (!bytes) return { kind: "object_missing", says: "the object is not there", ...here };
  const found = sha256(bytes);
  if (found !== entry.sha256)
    return { kind: "object_damaged", says: damageOf(entry, bytes, bySha.get(found)), ...here };
  if (!deep) return undefined;
  try {
    const counted = entryOfObject(entry, await codec.columns(bytes, []), seq);
    const [a, b] = [encodeManifestEntry(pick(entry, counted)), encodeManifestEntry(entry)];
    if (Buffer.compare(a, b) === 0) return undefined;
  } catch (error) {
    if (!(error instanceof TandemError && error.code === "corrupt_bytes")) throw error;
  }
  return { kind: "entry_recount", says: "the entry counts something else", ...here };
}

/** The facts of one, the counts of the other. */
const pick = (facts: ManifestEntry, counts: ManifestEntry): ManifestEntry => ({
  ...counts,
  dataset: facts.dataset,
  object: facts.object,
});

/** Pure: what became of it, as far as its bytes tell. */
export function damageOf(
  entry: ManifestEntry,
  bytes: Uint8Array,
  other: string | undefined,
): string {
  if (other !== undefined) return `it holds the bytes of ${other}`;
  if (bytes.length < entry.sizeBytes)
    return `it is cut short: ${bytes.length} of ${entry.sizeBytes} bytes`;
  if (bytes.length > entry.sizeBytes)
    return `it has ${bytes.length} bytes instead of ${entry.sizeBytes}`;
  return "some of its bytes are others: the SHA-256 is not the manifest's";
}

// The archive of all partitions as it stands, judged: tiling first, then every listed object.
import { readLedger } from "@tandem/batch-layer";
import { checkObjects, checkTiling, type Listing, readListing, type Tiling } from "@tandem/ingest";
import {
  type Finding,
  isExpired,
  type Progress,
  type RetentionRow,
  retentionKey,
  sampleKey,
  withExpired,
} from "@tandem/shared-logic";
import type { FsckFacts, FsckPorts, Repaired } from "./fsck-report.ts";

export interface InspectedPartition {
  readonly listing: Listing;
  readonly tiling: Tiling;
  readonly findings: readonly Finding[];
}

export interface InspectedArchive {
  readonly partitions: readonly InspectedPartition[];
  readonly findings: readonly Finding[];
  readonly objects: number;
  readonly bytes: number;
}

/** `only`: objects that were repaired; the others were checked before. */
export async function inspectArchive(
  ports: FsckPorts,
  { dataset: { dataset, genesis } }: FsckFacts,
  deep: boolean,
  progress: Progress,
  only?: readonly Repaired[],
): Promise<InspectedArchive> {
  const key = retentionKey(dataset);
  const given = (await readLedger<RetentionRow>(ports.views, key)).value ?? { expired: [] };
  const tiled: { listing: Listing; tiling: Tiling }[] = [];
  for (const [partition, from] of genesis.entries()) {
    const listing = await readListing(ports.objects, dataset, partition);
    // Asked after the listing: what the log gave up by now cannot be newer than the manifest's end.
    const range = (await ports.log.ranges(dataset))[partition];
    tiled.push({ listing, tiling: withoutExpired(checkTiling(listing, from, range), given) });
  }
  const entries = tiled.flatMap((t) => t.tiling.entries);
  const bySha = new Map(entries.map((e) => [e.sha256, e.object]));
  const repaired = only && new Set(only.map((r) => r.at));
  let [objects, bytes] = [0, 0];
  const onChecked = (sizeBytes: number): void => {
    objects++;
    bytes += sizeBytes;
    progress(objects, entries.length, "objects");
  };
  const partitions: InspectedPartition[] = [];
  for (const { listing, tiling } of tiled) {
    const own = repaired ? tiling.entries.filter((e) => repaired.has(e.object)) : tiling.entries;
    const found = await checkObjects(ports, own, { deep, bySha, onChecked });
    partitions.push({ listing, tiling, findings: [...tiling.findings, ...found] });
  }
  const findings = partitions.flatMap((p) => p.findings);
  return { partitions, findings, objects, bytes };
}

/** What retention gave up is no damage: it is told, and its objects are not looked for. */
function withoutExpired(tiling: Tiling, given: Pick<RetentionRow, "expired" | "sampled">): Tiling {
  const gone = tiling.entries.filter((e) => !e.lost && isExpired(given.expired, e));
  const found = gone.map((entry): Finding => {
    const { object, partition, from, to, events } = entry;
    const sampled = isExpired(given.sampled ?? [], entry);
    const says = `${events} events, ${sampled ? `downsampled to ${sampleKey(object)}` : "given up"} by retention`;
    return { kind: "range_expired", at: object, partition, from, to, says };
  });
  const entries = tiling.entries.map((e) => withExpired(given, e));
  return { ...tiling, entries, findings: [...tiling.findings, ...found] };
}

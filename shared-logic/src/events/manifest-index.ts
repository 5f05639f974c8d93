// The manifest kept in memory: `poll` reads only entries written since the last one. Offset vectors of
// cuts come from here and from nowhere else.
import type { ObjectStore } from "../ports/object-store.ts";
import type { ManifestEntry } from "./manifest.ts";
import { readManifest } from "./read-manifest.ts";

export class ManifestIndex {
  /** By partition, in offset order. */
  readonly entries: readonly ManifestEntry[][];
  private readonly objects: ObjectStore;
  private readonly dataset: string;
  private readonly genesis: readonly number[];
  private polling: Promise<void> | undefined;

  /** `genesis`: the dataset's genesis offsets, by partition. */
  constructor(objects: ObjectStore, dataset: string, genesis: readonly number[]) {
    this.objects = objects;
    this.dataset = dataset;
    this.genesis = genesis;
    this.entries = genesis.map(() => []);
  }

  /** Exclusive end of what the archive holds of a partition. */
  end(partition: number): number {
    const end = this.entries[partition]?.at(-1)?.to ?? this.genesis[partition];
    if (end === undefined) throw new RangeError(`no partition ${partition}`);
    return end;
  }

  /** Takes in what was written before the call. Polls made at once share one. */
  poll(): Promise<void> {
    this.polling ??= this.readNew().finally(() => {
      this.polling = undefined;
    });
    return this.polling;
  }

  private async readNew(): Promise<void> {
    for (const [partition, known] of this.entries.entries()) {
      known.push(
        ...(await readManifest(this.objects, this.dataset, partition, this.end(partition))),
      );
    }
  }
}

export type EntriesByPartition = readonly (readonly ManifestEntry[])[];

/** V of a cut: one past its record in every partition; undefined until the archive reached it in all. */
export function cutOffsets(entries: EntriesByPartition, seq: number): number[] | undefined {
  const v: number[] = [];
  for (const partition of entries) {
    const entry = partition.findLast((e) => e.cut?.seq === seq);
    if (!entry) return undefined;
    v.push(entry.to);
  }
  return v;
}

/** The highest effective seq that the archive has seen in any partition; 0 before the first cut. */
export const highestSeq = (entries: EntriesByPartition): number =>
  Math.max(0, ...entries.map((partition) => partition.at(-1)?.seq ?? 0));

/** The highest cut that the archive has reached in every partition, with its V. */
export function newestCut(entries: EntriesByPartition): { seq: number; v: number[] } | undefined {
  const lowest = Math.min(...entries.map((partition) => partition.at(-1)?.seq ?? 0));
  for (let seq = lowest; seq > 0; seq--) {
    const v = cutOffsets(entries, seq);
    if (v) return { seq, v };
  }
  return undefined;
}

// The archive's manifest: one entry per object, written once, after its object and before the
// archiver's offset. Entries of a partition tile its offsets from genesis on; batch reads only what they
// list, and verifies it. An entry whose object ends with an effective cut carries it: V of that cut is
// the entries' `to`, and exists exactly when the archive has reached it in every partition.
import type { Cut } from "./cut.ts";

/** What an entry says instead of an object: these records were lost, and the log no longer has them. */
export interface LostRecords {
  /** Offsets that are gone. */
  readonly records: number;
  /** Events that are gone by decided day; null: nobody knows which days they were of. */
  readonly days: Readonly<Record<string, number>> | null;
  readonly why: string;
  /** By day as sent, where that is known: copies of events of these days may be among them. */
  readonly sentDays?: ManifestEntry["sentDays"];
  /** When the last of them was received, where that is known. */
  readonly receivedMs?: ManifestEntry["receivedMs"];
}

export interface ManifestEntry {
  readonly dataset: string;
  readonly partition: number;
  /** Inclusive first offset. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Key of the object in the object store. */
  readonly object: string;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly events: number;
  readonly cuts: number;
  readonly dead: number;
  /** Number of events by decided day and by day of the timestamp as sent (days since the epoch). */
  readonly days: Readonly<Record<string, number>>;
  readonly sentDays: Readonly<Record<string, number>>;
  /** Highest received time in it, ms; null without events. */
  readonly receivedMs: number | null;
  /** Highest effective seq at `to`. */
  readonly seq: number;
  /** The effective cut that the object ends with. */
  readonly cut?: Cut;
  /** The range has no object and counts no events. Written by a repair alone. */
  readonly lost?: LostRecords;
}

const pad = (offset: number): string => String(offset).padStart(16, "0");

export const manifestPrefix = (dataset: string, partition: number): string =>
  `manifest/${dataset}/${partition}/`;
/** Entries sort by offset. Put-if-absent by `from`: two archivers agree or one of them fails. */
export const manifestKey = (e: Pick<ManifestEntry, "dataset" | "partition" | "from">): string =>
  `${manifestPrefix(e.dataset, e.partition)}${pad(e.from)}.json`;
export const archiveKey = (
  dataset: string,
  partition: number,
  from: number,
  to: number,
  extension: string,
): string => `archive/${dataset}/${partition}/${pad(from)}-${pad(to)}.${extension}`;

/** Where an object lies once retention has moved it; its manifest entry stays as it is. */
export const coldKey = (object: string): string => `cold/${object}`;

/** What is left of an object that retention has downsampled, and which rows stand for how many. */
export const sampleKey = (object: string): string => `sampled/${object}`;
export const weightsKey = (object: string): string => `${sampleKey(object)}.json`;

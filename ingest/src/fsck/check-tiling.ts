// Do the manifest's ranges of a partition tile from genesis to its end? Pure. An entry counts where its key, its
// object's name and its own offsets say the same; anything else is damage, and its offsets are a hole.
import {
  type Finding,
  type ManifestEntry,
  manifestKey,
  type OffsetRange,
} from "@tandem/shared-logic";
import { archivePrefix, type ListedEntry, type Listing, rangeNamed } from "./read-listing.ts";

/** Offsets that are to be archived again. */
export interface Stretch {
  readonly from: number;
  /** Undefined: as far as the archiver will go by itself. */
  readonly to: number | undefined;
  /** Manifest keys that are in the way. */
  readonly keys: readonly string[];
}

export interface Tiling {
  readonly findings: readonly Finding[];
  /** Entries that count, in offset order. */
  readonly entries: readonly ManifestEntry[];
  readonly stretches: readonly Stretch[];
}

const fits = ({ key, entry }: ListedEntry, { dataset, partition }: Listing): boolean => {
  if (!entry || entry.dataset !== dataset || entry.partition !== partition) return false;
  const named = rangeNamed(entry.object);
  return (
    key === manifestKey(entry) &&
    entry.object.startsWith(archivePrefix(dataset, partition)) &&
    named?.from === entry.from &&
    named.to === entry.to
  );
};

export function checkTiling(
  listing: Listing,
  genesis: number,
  log: OffsetRange | undefined,
): Tiling {
  const { partition } = listing;
  const findings: Finding[] = [];
  const entries: ManifestEntry[] = [];
  const stretches: Stretch[] = [];
  let broken: string[] = [];
  let next = genesis;
  const hole = (to: number | undefined): void => {
    const here = { partition, from: next, ...(to === undefined ? {} : { to }) };
    if (broken.length === 0)
      findings.push({
        kind: "range_missing",
        at: manifestKey({ ...listing, from: next }),
        says: `offsets ${next} to ${to} of partition ${partition} are in no manifest entry`,
        ...here,
      });
    stretches.push({ from: next, to, keys: broken });
    broken = [];
  };
  for (const listed of listing.entries) {
    const { key, entry } = listed;
    if (!entry || !fits(listed, listing)) {
      findings.push({
        kind: "entry_damaged",
        at: key,
        partition,
        says: "the manifest entry is damaged",
      });
      broken.push(key);
      continue;
    }
    if (entry.from < next) {
      findings.push({
        kind: "range_twice",
        at: key,
        partition,
        from: entry.from,
        to: Math.min(next, entry.to),
        says: `offsets ${entry.from} to ${Math.min(next, entry.to)} of partition ${partition} are listed twice`,
      });
      continue;
    }
    if (entry.from > next) hole(entry.from);
    else if (broken.length > 0) {
      // An entry that covers nothing: it is only in the way.
      stretches.push({ from: next, to: next, keys: broken });
      broken = [];
    }
    entries.push(entry);
    next = entry.to;
    if (entry.lost)
      findings.push({
        kind: "range_lost",
        at: key,
        partition,
        from: entry.from,
        to: entry.to,
        says: `${entry.lost.records} records are lost: ${entry.lost.why}`,
      });
  }
  if (broken.length > 0) hole(endOfNames(listing, next) ?? startOf(log, next));
  else if (log && log.start > next) {
    findings.push({
      kind: "range_not_archived",
      at: `${archivePrefix(listing.dataset, partition)}`,
      partition,
      from: next,
      to: log.start,
      says: `the log gave up offsets ${next} to ${log.start} of partition ${partition} before they were archived`,
    });
    stretches.push({ from: next, to: log.start, keys: [] });
  }
  return { findings: [...findings, ...unlisted(listing, entries, next)], entries, stretches };
}

/** Where objects end that begin at `from` and go on from each other, as their names say. */
function endOfNames({ objects }: Listing, from: number): number | undefined {
  let end: number | undefined;
  const next = (at: number): number | undefined =>
    objects.map((o) => rangeNamed(o.key)).find((r) => r?.from === at && r.to > at)?.to;
  for (let to = next(from); to !== undefined; to = next(to)) end = to;
  return end;
}

const startOf = (log: OffsetRange | undefined, from: number): number | undefined =>
  log && log.start > from ? log.start : undefined;

/** An object at or behind the manifest's end is one whose entry is being written. */
function unlisted(
  { objects, partition }: Listing,
  entries: readonly ManifestEntry[],
  end: number,
): Finding[] {
  const listed = new Set(entries.map((e) => e.object));
  return objects.flatMap(({ key, sizeBytes }): Finding[] => {
    if (listed.has(key) || (rangeNamed(key)?.from ?? 0) >= end) return [];
    return [
      {
        kind: "object_unlisted",
        at: key,
        partition,
        says: `${sizeBytes} bytes that no manifest entry names`,
      },
    ];
  });
}

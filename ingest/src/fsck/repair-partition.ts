// Repairs one partition's archive: what the log still has is fetched again, an object that no entry lists is
// listed again, and what neither has becomes an entry that says it is lost. What is changed was written down
// before (`note`), so that a repair that is killed is finished by the next one, with the same counts.
import {
  type ArchiveRepair,
  archiveKey,
  type ManifestEntry,
  manifestKey,
  TandemError,
} from "@tandem/shared-logic";
import type { ObjectLimits } from "../archiver/object-boundary.ts";
import { putEntry } from "../archiver/store-object.ts";
import type { Tiling } from "./check-tiling.ts";
import { type Listing, rangeNamed } from "./read-listing.ts";
import { countedEntry, type RefetchPorts, refetchObject, refetchRange } from "./refetch.ts";
import { setAside } from "./set-aside.ts";

export type Did = Omit<ArchiveRepair, "at" | "by">;

export interface RepairParts {
  readonly ports: RefetchPorts;
  readonly limits: ObjectLimits;
  readonly listing: Listing;
  readonly tiling: Tiling;
  /** Keys of objects that are missing or damaged. */
  readonly bad: ReadonlySet<string>;
  /** What earlier repairs set out to do. */
  readonly earlier: readonly Did[];
  /** Durable before the archive is changed. */
  readonly note: (did: Did) => Promise<void>;
}

type Days = Readonly<Record<string, number>>;

interface Broken {
  readonly from: number;
  readonly to: number;
  readonly keys: readonly string[];
  /** The entry, where it is good and only its object is not. */
  readonly entry?: ManifestEntry;
}

/** What was done. Throws where the log holds other records than were archived. */
export async function repairPartition(parts: RepairParts): Promise<Did[]> {
  const done: Did[] = [];
  const seqBefore = (from: number): number =>
    Math.max(0, ...parts.tiling.entries.filter((e) => e.to <= from).map((e) => e.seq));
  let seq = 0;
  for (const broken of brokenOf(parts)) {
    seq = Math.max(seq, seqBefore(broken.from));
    const { ports, listing } = parts;
    const start = (await ports.log.ranges(listing.dataset))[listing.partition]?.start ?? 0;
    const { entry } = broken;
    if (entry && start <= broken.from) {
      const did = { partition: entry.partition, from: entry.from, to: entry.to };
      await parts.note({ ...did, did: "refetched" });
      await refetchObject(ports, entry, seq);
      done.push({ ...did, did: "refetched" });
    } else {
      const made = await rebuild(
        parts,
        broken,
        Math.min(Math.max(start, broken.from), broken.to),
        seq,
      );
      done.push(...made.done);
      seq = made.seq;
    }
  }
  return done;
}

/** In offset order. */
function brokenOf({ tiling, bad }: RepairParts): Broken[] {
  const objects = tiling.entries
    .filter((e) => bad.has(e.object))
    .map((entry) => ({ from: entry.from, to: entry.to, keys: [manifestKey(entry)], entry }));
  const holes = tiling.stretches.map((s) => ({ ...s, to: s.to ?? s.from }));
  return [...objects, ...holes].sort((a, b) => a.from - b.from);
}

/** Of [from, to) the log has [kept, to). */
async function rebuild(
  parts: RepairParts,
  { from, to, keys, entry }: Broken,
  kept: number,
  seqBefore: number,
): Promise<{ readonly done: Did[]; readonly seq: number }> {
  const { ports, listing } = parts;
  const { partition } = listing;
  const done: Did[] = [];
  const known = entry?.days ?? intended(parts, from);
  if (kept > from) await parts.note({ partition, from, to, did: "lost", days: known ?? null });
  else await parts.note({ partition, from, to, did: "refetched" });
  for (const key of entry ? [...keys, entry.object] : keys) await setAside(ports, key);
  let [at, seq] = [from, seqBefore];
  // Objects that nobody lists any more are as good as the log.
  while (!entry && at < kept) {
    const listed = await listAgain(parts, at, to, seq);
    if (!listed) break;
    done.push({ partition, from: at, to: listed.to, did: "listed" });
    [at, seq] = [listed.to, listed.seq];
  }
  const fetched = Math.max(at, kept);
  const rest =
    fetched < to
      ? await refetchRange(ports, listing, { from: fetched, to, seq }, parts.limits)
      : [];
  if (rest.length > 0) done.push({ partition, from: fetched, to, did: "refetched" });
  if (at < kept) {
    const days = known && at === from ? less(known, rest) : null;
    const lost = await putEntry(ports, lostEntry(parts, { from: at, to: kept, entry, days, seq }));
    done.push({ partition, from: at, to: kept, did: "lost", days });
    seq = Math.max(seq, lost.seq);
  }
  return { done, seq: Math.max(seq, ...rest.map((e) => e.seq)) };
}

/** Days that an earlier repair, cut short, knew of, less what it has put back. */
function intended({ earlier, listing, tiling }: RepairParts, from: number): Days | undefined {
  const did = earlier.findLast(
    (d) => d.partition === listing.partition && d.from === from && d.did === "lost",
  );
  const back = tiling.entries.filter((e) => did && e.from >= from && e.to <= did.to);
  return did?.days ? less(did.days, back) : undefined;
}

function less(days: Days, rest: readonly ManifestEntry[]): Days {
  const left = Object.entries(days).map(([day, n]): [string, number] => [
    day,
    n - rest.reduce((sum, e) => sum + (e.days[day] ?? 0), 0),
  ]);
  return Object.fromEntries(left.filter(([, n]) => n > 0));
}

/** An object that begins at `from`, with an entry counted from it. */
async function listAgain(
  { ports, listing, bad }: RepairParts,
  from: number,
  to: number,
  seq: number,
): Promise<ManifestEntry | undefined> {
  for (const { key } of listing.objects) {
    const named = rangeNamed(key);
    if (named?.from !== from || named.to > to || bad.has(key)) continue;
    const bytes = await ports.objects.get(key);
    if (!bytes) continue;
    try {
      return await putEntry(
        ports,
        await countedEntry(ports, listing, bytes, key, from, named.to, seq),
      );
    } catch (error) {
      if (!(error instanceof TandemError && error.code === "corrupt_bytes")) throw error;
    }
  }
  return undefined;
}

interface Loss {
  readonly from: number;
  readonly to: number;
  readonly entry: ManifestEntry | undefined;
  readonly days: Days | null;
  readonly seq: number;
}

/** Tiles, counts nothing, and keeps the cut that the range ended with: V stays where it was. */
function lostEntry({ ports, listing }: RepairParts, loss: Loss): ManifestEntry {
  const { from, to, entry, days } = loss;
  const { dataset, partition } = listing;
  const whole = entry?.to === to ? entry : undefined;
  const object = archiveKey(dataset, partition, from, to, ports.codec.extension);
  return {
    dataset,
    partition,
    from,
    to,
    object,
    sizeBytes: 0,
    sha256: "0".repeat(64),
    events: 0,
    cuts: whole?.cuts ?? 0,
    dead: 0,
    days: {},
    sentDays: {},
    receivedMs: null,
    seq: whole?.seq ?? loss.seq,
    ...(whole?.cut ? { cut: whole.cut } : {}),
    lost: {
      records: to - from,
      days,
      why: "its object was damaged and the log no longer has the records",
    },
  };
}

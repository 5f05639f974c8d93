// An archive made of the topic alone, for a replay: everything that the log still holds below V, cut into objects as the
// archiver cuts them, below the replay's own prefix. The dataset's archive is not read and not touched; its manifest is
// asked for one thing only: which days need what the log no longer has.
import {
  inputsOf,
  type ReplayCatalogue,
  type ReplayInput,
  TOPIC_FOLDER,
} from "@tandem/batch-layer";
import { type ObjectLimits, type RefetchPorts, refetchRange } from "@tandem/ingest";
import {
  type DatasetRow,
  type LostRange,
  type ManifestEntry,
  type Metric,
  type ObjectStore,
  readManifest,
  TandemError,
  type UtcDay,
} from "@tandem/shared-logic";

export interface TopicFacts {
  readonly dataset: Pick<DatasetRow, "dataset" | "genesis">;
  readonly limits: ObjectLimits;
}

/** Offsets below V that the log does not have, in one partition. */
export interface NotHeld {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** `onNotHeld` is told of each range once. */
export async function topicArchive(
  ports: RefetchPorts,
  { dataset: { dataset, genesis }, limits }: TopicFacts,
  catalogue: ReplayCatalogue,
  below: readonly number[],
  onNotHeld: (range: NotHeld) => void,
): Promise<ReplayInput> {
  const prefix = `${catalogue.prefix}${TOPIC_FOLDER}`;
  const side = { ...ports, objects: prefixed(ports.objects, prefix) };
  const manifest: ManifestEntry[][] = [];
  const known: (readonly ManifestEntry[] | undefined)[] = [];
  const notHeld: NotHeld[] = [];
  for (const [partition, first] of genesis.entries()) {
    const range = (await ports.log.ranges(dataset))[partition] ?? { start: first, end: first };
    const to = Math.max(first, below[partition] ?? first);
    const [from, end] = [Math.max(first, range.start), Math.min(to, range.end)];
    const whole = await manifestOf(ports.objects, dataset, partition, first);
    known.push(whole);
    const seq = Math.max(0, ...(whole ?? []).filter((e) => e.to <= from).map((e) => e.seq));
    const made =
      from < end
        ? await refetchRange(side, { dataset, partition }, { from, to: end, seq }, limits)
        : [];
    manifest.push(made.map((e) => ({ ...e, object: `${prefix}${e.object}` })));
    if (from > first) notHeld.push({ partition, from: first, to: Math.min(from, to) });
    if (end < to) notHeld.push({ partition, from: Math.max(first, end), to });
  }
  for (const range of notHeld) onNotHeld(range);
  const lost = (metric: Metric, day: UtcDay, v: readonly number[]): LostRange[] =>
    notHeld.flatMap((range) => lostOf(range, known[range.partition], metric, day, v));
  return { archive: { genesis, manifest }, lost };
}

/** What a run of the day would have read of the range; all of it, where nobody can tell. */
function lostOf(
  { partition, from, to }: NotHeld,
  entries: readonly ManifestEntry[] | undefined,
  metric: Metric,
  day: UtcDay,
  v: readonly number[],
): LostRange[] {
  const until = Math.min(to, v[partition] ?? 0);
  if (until <= from) return [];
  if (!entries || (entries.at(-1)?.to ?? 0) < until)
    return [{ partition, from, to: until, days: null }];
  const read = new Set(inputsOf(entries, v[partition] ?? 0, [metric], day));
  return entries.flatMap((e): LostRange[] => {
    if (e.from >= until || e.to <= from || !(e.lost || read.has(e))) return [];
    const days = e.lost ? e.lost.days : e.days;
    return [{ partition, from: Math.max(from, e.from), to: Math.min(until, e.to), days }];
  });
}

/** Undefined where the manifest is damaged. */
async function manifestOf(
  objects: ObjectStore,
  dataset: string,
  partition: number,
  genesis: number,
): Promise<readonly ManifestEntry[] | undefined> {
  try {
    return await readManifest(objects, dataset, partition, genesis);
  } catch (error) {
    if (error instanceof TandemError && !error.retryable) return undefined;
    throw error;
  }
}

function prefixed(objects: ObjectStore, prefix: string): ObjectStore {
  return {
    putIfAbsent: (key, bytes) => objects.putIfAbsent(prefix + key, bytes),
    get: (key) => objects.get(prefix + key),
    getRange: (key, from, until) => objects.getRange(prefix + key, from, until),
    async *list(under, after) {
      const behind = after === undefined ? undefined : prefix + after;
      for await (const { key, sizeBytes } of objects.list(prefix + under, behind))
        yield { key: key.slice(prefix.length), sizeBytes };
    },
    remove: (key) => objects.remove(prefix + key),
    close: async () => undefined,
  };
}

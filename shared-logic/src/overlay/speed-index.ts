// The speed rows of a question by day and block, so that a block's rows are found without looking at the others.
import { getOrMake } from "../collections/get-or-make.ts";
import type { StoredSpeedRow } from "../ports/view-store.ts";
import { dayOf, type EpochMs, HOUR_MS, type UtcDay } from "../time/epoch-ms.ts";

/** Rows of one block, partition, group and doubt, by segment. */
export type Chain = readonly StoredSpeedRow[];

/** By day and start of the block. */
export type SpeedIndex = ReadonlyMap<UtcDay, ReadonlyMap<EpochMs, readonly Chain[]>>;

/**
 * Blocks begin at whole hours; 2^18 partitions have a place beside the doubt. Counted from an hour of theirs, because
 * a map looks small whole numbers up as they are and makes an object of any other.
 */
const placeOf = ({ startMs, partition, doubt }: StoredSpeedRow, fromMs: EpochMs): number =>
  ((startMs - fromMs) / HOUR_MS) * 2 ** 20 + partition * 4 + doubt;

export function indexSpeed(rows: readonly StoredSpeedRow[]): SpeedIndex {
  const days = new Map<UtcDay, Map<EpochMs, StoredSpeedRow[][]>>();
  const groups = new Map<string, Map<number, StoredSpeedRow[]>>();
  const fromMs = rows[0]?.startMs ?? (0 as EpochMs);
  for (const row of rows) {
    const places = getOrMake(groups, row.group, newPlaces);
    const place = placeOf(row, fromMs);
    const chain = places.get(place);
    if (chain !== undefined) {
      chain.push(row);
      continue;
    }
    const begun = [row];
    places.set(place, begun);
    getOrMake(getOrMake(days, dayOf(row.startMs), newBlocks), row.startMs, noChains).push(begun);
  }
  for (const blocks of days.values())
    for (const chains of blocks.values())
      for (const chain of chains) if (chain.length > 1) chain.sort(bySegment);
  return days;
}

const newPlaces = (): Map<number, StoredSpeedRow[]> => new Map();
const newBlocks = (): Map<EpochMs, StoredSpeedRow[][]> => new Map();
const noChains = (): StoredSpeedRow[][] => [];

const bySegment = (a: StoredSpeedRow, b: StoredSpeedRow): number => a.segment - b.segment;

/**
 * `index` with a row more, or with one in the place of `was`, which has the same key. Undefined where it has no such
 * row. Nothing of `index` is changed; what the row has nothing to do with is the same object.
 */
export function withRow(
  index: SpeedIndex,
  row: StoredSpeedRow,
  was: StoredSpeedRow | undefined,
): SpeedIndex | undefined {
  const day = dayOf(row.startMs);
  const blocks = new Map(index.get(day));
  const chains = [...(blocks.get(row.startMs) ?? [])];
  const at = chains.findIndex(([first]) => first !== undefined && inChain(first, row));
  const chain = at < 0 ? [] : [...chains[at]!];
  const place = was === undefined ? chain.length : chain.indexOf(was);
  if (place < 0) return undefined;
  chain[place] = row;
  if (was === undefined) chain.sort(bySegment);
  chains[at < 0 ? chains.length : at] = chain;
  return new Map(index).set(day, blocks.set(row.startMs, chains));
}

/** Of the same block. */
const inChain = (a: StoredSpeedRow, b: StoredSpeedRow): boolean =>
  a.partition === b.partition && a.doubt === b.doubt && a.group === b.group;

export const hasSameKey = (a: StoredSpeedRow, b: StoredSpeedRow): boolean =>
  a.startMs === b.startMs && a.segment === b.segment && inChain(a, b);

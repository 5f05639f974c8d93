// The rows of window and reach as one day's run sees them: run rows below V and speed rows from V on.
// Window and reach of a day are read below and above that day's own V, whatever V the neighbours have.
import { getOrMake } from "../collections/get-or-make.ts";
import { BlockCursor, blockStart } from "../fold/block.ts";
import { OTHER_GROUP } from "../metrics/group.ts";
import type { Doubt, StoredSpeedRow } from "../ports/view-store.ts";
import { DAY_MS, dayOf, type EpochMs, HOUR_MS, type UtcDay } from "../time/epoch-ms.ts";
import { type Coverage, coverageOf } from "./coverage.ts";
import type { ReadView } from "./view.ts";

/** One row that counts. */
export class Piece {
  readonly group: string;
  readonly block: EpochMs;
  /** Undefined: of a run. */
  readonly doubt: Doubt | undefined;
  /** Its cells, encoded. */
  readonly bytes: Uint8Array;
  /** A speed row of values beyond the limit: any group may be in it. */
  readonly unnamed: boolean;
  /** The partition, where the row was read above its position. */
  readonly torn: number | undefined;
  private cursor: BlockCursor | undefined = undefined;

  constructor(
    group: string,
    block: EpochMs,
    doubt: Doubt | undefined,
    bytes: Uint8Array,
    unnamed: boolean,
    torn: number | undefined,
  ) {
    this.group = group;
    this.block = block;
    this.doubt = doubt;
    this.bytes = bytes;
    this.unnamed = unnamed;
    this.torn = torn;
  }

  /** Stands where the last window ended: windows are merged in their order. */
  get cells(): BlockCursor {
    this.cursor ??= new BlockCursor(this.bytes);
    return this.cursor;
  }
}

export interface DayPieces {
  /** By start of the block. */
  readonly blocks: ReadonlyMap<EpochMs, readonly Piece[]>;
  /** Days x of window ± reach -> coverage by partition. */
  readonly coverage: ReadonlyMap<UtcDay, readonly Coverage[]>;
  /** Groups that the run kept. */
  readonly kept: ReadonlySet<string>;
  /** The run folded groups beyond the limit into `(other)`. */
  readonly capped: boolean;
}

/** Rows of one block, partition, group and doubt together, by segment; by the block's day. */
export type SpeedIndex = ReadonlyMap<UtcDay, readonly (readonly StoredSpeedRow[])[]>;

/**
 * Blocks begin at whole hours; 2^18 partitions have a place beside the doubt. Counted from an hour of theirs, because
 * a map looks small whole numbers up as they are and makes an object of any other.
 */
const placeOf = ({ startMs, partition, doubt }: StoredSpeedRow, fromMs: EpochMs): number =>
  ((startMs - fromMs) / HOUR_MS) * 2 ** 20 + partition * 4 + doubt;

export function indexSpeed(rows: readonly StoredSpeedRow[]): SpeedIndex {
  const days = new Map<UtcDay, StoredSpeedRow[][]>();
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
    getOrMake(days, dayOf(row.startMs), noChains).push(begun);
  }
  for (const chains of days.values())
    for (const chain of chains) if (chain.length > 1) chain.sort((a, b) => a.segment - b.segment);
  return days;
}

const newPlaces = (): Map<number, StoredSpeedRow[]> => new Map();
const noChains = (): StoredSpeedRow[][] => [];

export function dayPieces(view: ReadView, speed: SpeedIndex, day: UtcDay): DayPieces {
  const { reach, grains } = view.metric.reducer;
  const grain = grains[0] ?? "hour";
  const blocks = new Map<EpochMs, Piece[]>();
  const put = (piece: Piece): void => {
    getOrMake(blocks, piece.block, () => []).push(piece);
  };

  const entry = view.days.get(day);
  const run = entry && view.runs.get(entry.run);
  const kept = new Set<string>();
  for (const row of run?.values ?? []) kept.add(row.group);
  for (const row of run?.finest ?? []) {
    kept.add(row.group);
    const block = blockStart(row.startMs, grain);
    put(new Piece(row.group, block, undefined, row.state, false, undefined));
  }
  const capped = kept.has(OTHER_GROUP);

  const coverage = new Map<UtcDay, readonly Coverage[]>();
  const last = day + Math.ceil(reach.afterMs / DAY_MS);
  for (let x = day - Math.ceil(reach.beforeMs / DAY_MS); x <= last; x++) {
    const covers = coverageOf(view, day, x as UtcDay);
    coverage.set(x as UtcDay, covers);
    const putRow = (row: StoredSpeedRow, torn: boolean): void => {
      // A value that the run did not keep is part of its `(other)`.
      const group = capped && !kept.has(row.group) ? OTHER_GROUP : row.group;
      const unnamed = row.group === OTHER_GROUP;
      const partition = torn ? row.partition : undefined;
      put(new Piece(group, row.startMs, row.doubt, row.state, unnamed, partition));
    };
    for (const chain of speed.get(x as UtcDay) ?? []) eachCovered(chain, covers, putRow);
  }
  return { blocks, coverage, kept, capped };
}

/** From where coverage starts, segment by segment as far as the rows connect. */
function eachCovered(
  chain: readonly StoredSpeedRow[],
  covers: readonly Coverage[],
  put: (row: StoredSpeedRow, torn: boolean) => void,
): void {
  const cover = covers[chain[0]?.partition ?? -1];
  if (!cover) return;
  let until = cover.until;
  for (let i = 0; i < chain.length; i++) {
    const row = chain[i]!;
    if (row.segment < cover.from) continue;
    if (row.segment > until) return;
    put(row, row.to > until);
    until = Math.max(until, row.to);
  }
}

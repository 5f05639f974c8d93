// The rows of window and reach as one day's run sees them: run rows below V and speed rows from V on.
// Window and reach of a day are read below and above that day's own V, whatever V the neighbours have.
import { getOrMake } from "../collections/get-or-make.ts";
import { BlockCursor, blockStart } from "../fold/block.ts";
import { OTHER_GROUP } from "../metrics/group.ts";
import type { Doubt } from "../ports/view-store.ts";
import { DAY_MS, type EpochMs, type UtcDay } from "../time/epoch-ms.ts";
import { type Coverage, coverageOf } from "./coverage.ts";
import type { Chain, SpeedIndex } from "./speed-index.ts";
import type { ReadView, RunRows } from "./view.ts";

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
  /** No speed row lies above its position, so that positions that move on change nothing of the rows here. */
  readonly whole: boolean;
}

export function dayPieces(view: ReadView, speed: SpeedIndex, day: UtcDay): DayPieces {
  const blocks = new Map<EpochMs, Piece[]>();
  const { kept, capped } = putRun(blocks, view, runOf(view, day));
  const coverage = coverageByDay(view, day);
  let whole = true;
  for (const [x, covers] of coverage)
    for (const [start, chains] of speed.get(x) ?? NO_CHAINS) {
      const into = getOrMake(blocks, start, noPieces);
      if (!putSpeed(into, chains, covers, { kept, capped })) whole = false;
    }
  return { blocks, coverage, kept, capped, whole };
}

const NO_CHAINS: ReadonlyMap<EpochMs, readonly Chain[]> = new Map();
const noPieces = (): Piece[] => [];

/** The rows of a day's run, where it has one. */
export function runOf(view: ReadView, day: UtcDay): RunRows | undefined {
  const entry = view.days.get(day);
  return entry && view.runs.get(entry.run);
}

/** Of the day's window ± reach. */
export function coverageByDay(view: ReadView, day: UtcDay): Map<UtcDay, readonly Coverage[]> {
  const { beforeMs, afterMs } = view.metric.reducer.reach;
  const coverage = new Map<UtcDay, readonly Coverage[]>();
  const last = day + Math.ceil(afterMs / DAY_MS);
  for (let x = day - Math.ceil(beforeMs / DAY_MS); x <= last; x++)
    coverage.set(x as UtcDay, coverageOf(view, day, x as UtcDay));
  return coverage;
}

type RunGroups = Pick<DayPieces, "kept" | "capped">;

function putRun(
  blocks: Map<EpochMs, Piece[]>,
  { metric }: ReadView,
  run: RunRows | undefined,
): RunGroups {
  const grain = metric.reducer.grains[0] ?? "hour";
  const kept = new Set<string>();
  for (const row of run?.values ?? []) kept.add(row.group);
  for (const row of run?.finest ?? []) {
    kept.add(row.group);
    const block = blockStart(row.startMs, grain);
    const piece = new Piece(row.group, block, undefined, row.state, false, undefined);
    getOrMake(blocks, block, noPieces).push(piece);
  }
  return { kept, capped: kept.has(OTHER_GROUP) };
}

/** The speed rows of one block that are covered, behind the run's; whether none lies above its position. */
export function putSpeed(
  into: Piece[],
  chains: readonly Chain[],
  covers: readonly Coverage[],
  { kept, capped }: RunGroups,
): boolean {
  let whole = true;
  for (const chain of chains) {
    const cover = covers[chain[0]?.partition ?? -1];
    if (!cover) continue;
    let { until } = cover;
    // From where coverage starts, segment by segment as far as the rows connect.
    for (const row of chain) {
      if (row.segment < cover.from) continue;
      const torn = row.to > until;
      if (torn) whole = false;
      if (row.segment > until) break;
      // A value that the run did not keep is part of its `(other)`.
      const group = capped && !kept.has(row.group) ? OTHER_GROUP : row.group;
      const unnamed = row.group === OTHER_GROUP;
      const partition = torn ? row.partition : undefined;
      into.push(new Piece(group, row.startMs, row.doubt, row.state, unnamed, partition));
      until = Math.max(until, row.to);
    }
  }
  return whole;
}

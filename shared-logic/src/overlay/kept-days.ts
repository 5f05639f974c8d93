// The pieces of the days of one question as they were last. Of a day whose run is the same, and whose rows are covered
// as they were, only blocks with other speed rows are made anew: the lists of all others are the same lists.
import type { Metric } from "../metrics/metric.ts";
import type { EpochMs, UtcDay } from "../time/epoch-ms.ts";
import type { Coverage } from "./coverage.ts";
import {
  coverageByDay,
  type DayPieces,
  dayPieces,
  type Piece,
  putSpeed,
  runOf,
} from "./day-pieces.ts";
import type { Chain, SpeedIndex } from "./speed-index.ts";
import type { ReadView, RunRows } from "./view.ts";

type Blocks = ReadonlyMap<EpochMs, readonly Chain[]> | undefined;

interface KeptDay {
  readonly metric: Metric;
  readonly run: RunRows | undefined;
  /** By day of window ± reach. */
  readonly speed: readonly Blocks[];
  readonly pieces: DayPieces;
}

export class KeptDays {
  private days: ReadonlyMap<UtcDay, KeptDay> = new Map();

  /** The days of one more asking; what it does not ask for is forgotten. */
  piecesOf(view: ReadView, speed: SpeedIndex): (day: UtcDay) => DayPieces {
    const before = this.days;
    const now = new Map<UtcDay, KeptDay>();
    this.days = now;
    return (day) => {
      const known = now.get(day);
      if (known !== undefined) return known.pieces;
      const made = madeOf(before.get(day), view, speed, day);
      now.set(day, made);
      return made.pieces;
    };
  }
}

function madeOf(was: KeptDay | undefined, view: ReadView, speed: SpeedIndex, day: UtcDay): KeptDay {
  const { metric } = view;
  const run = runOf(view, day);
  const coverage = coverageByDay(view, day);
  const blocks = [...coverage.keys()].map((x) => speed.get(x));
  const kept =
    was?.metric === metric && hasSameRows(was.run, run)
      ? changedPieces(was, coverage, blocks)
      : undefined;
  return { metric, run, speed: blocks, pieces: kept ?? dayPieces(view, speed, day) };
}

const hasSameRows = (a: RunRows | undefined, b: RunRows | undefined): boolean =>
  a?.finest === b?.finest &&
  (a?.values === b?.values || (a?.values.length ?? 0) + (b?.values.length ?? 0) === 0);

/** Undefined where rows may count that did not, or the other way round. */
function changedPieces(
  { pieces, speed }: KeptDay,
  coverage: ReadonlyMap<UtcDay, readonly Coverage[]>,
  blocks: readonly Blocks[],
): DayPieces | undefined {
  for (const [x, covers] of coverage)
    if (!coversSame(pieces.coverage.get(x), covers, pieces.whole)) return undefined;
  const changed = new Map<EpochMs, readonly Piece[]>();
  let { whole } = pieces;
  for (const [i, covers] of [...coverage.values()].entries()) {
    const [was, is] = [speed[i], blocks[i]];
    if (was === is) continue;
    for (const start of was?.keys() ?? []) if (!is?.has(start)) return undefined;
    for (const [start, chains] of is ?? []) {
      if (was?.get(start) === chains) continue;
      const own = (pieces.blocks.get(start) ?? []).filter(({ doubt }) => doubt === undefined);
      if (!putSpeed(own, chains, covers, pieces)) whole = false;
      changed.set(start, own);
    }
  }
  if (changed.size === 0) return { ...pieces, coverage };
  return { ...pieces, coverage, whole, blocks: new Map([...pieces.blocks, ...changed]) };
}

function coversSame(
  was: readonly Coverage[] | undefined,
  is: readonly Coverage[],
  whole: boolean,
): boolean {
  if (was?.length !== is.length) return false;
  return is.every(({ from, until }, p) => {
    const before = was[p]!;
    return from === before.from && (until === before.until || (whole && until > before.until));
  });
}

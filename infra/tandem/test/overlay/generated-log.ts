// A generated log as the seam sees it: events and copies at offsets of partitions, cuts between them, and
// what became of it in both layers: positions, starts, runs with a V of their own per day, drops, and
// flushes that are under way. Pure data; `view-of.ts` makes a reader's view of it.
import {
  below,
  DAY_MS,
  type Doubt,
  type EpochMs,
  HOUR_MS,
  MINUTE_MS,
  type Random,
  SURE,
  SUSPECTED,
  UNCHECKED,
} from "@tandem/shared-logic";

export const FIRST_DAY = 20_000;
export const DAYS = 4;

export interface LogEvent {
  /** Unlike any other event's. */
  readonly n: number;
  readonly partition: number;
  readonly offset: number;
  readonly timeMs: EpochMs;
  readonly user: string;
  /** A later copy of another event: batch knows, speed may not. */
  readonly copy: boolean;
  /** How speed took it in; undefined: it knew the copy for what it is. */
  readonly doubt: Doubt | undefined;
}

export interface GeneratedLog {
  readonly events: readonly LogEvent[];
  /** By cut, then by partition: one past its record. Cut 0 is genesis. */
  readonly cuts: readonly (readonly number[])[];
  /** By partition, exclusive. */
  readonly ends: readonly number[];
}

export interface Fate {
  readonly log: GeneratedLog;
  readonly positions: readonly number[];
  /** The cut that activated the metric; undefined: none yet. */
  readonly activated: number | undefined;
  /** By partition: whether its start is to be seen already. */
  readonly started: readonly boolean[];
  /** By day from FIRST_DAY on: the cut of its run. */
  readonly runs: readonly (number | undefined)[];
  /** By day and partition: the cut below which speed rows were dropped. */
  readonly dropped: readonly (readonly number[])[];
  /** By partition: where a flush under way is going; the position where there is none. */
  readonly flushing: readonly number[];
}

function anyTime(random: Random, busyMs: number): EpochMs {
  // One hour is busy, so that a cell has rows in several segments.
  if (below(random, 3) === 0) return (busyMs + below(random, 60) * MINUTE_MS) as EpochMs;
  const day = FIRST_DAY + below(random, DAYS);
  // Half of them near midnight, where days and their reach meet.
  const within =
    below(random, 2) === 0
      ? below(random, DAY_MS / MINUTE_MS) * MINUTE_MS
      : ((24 * 60 + below(random, 100) - 50) % (24 * 60)) * MINUTE_MS;
  return (day * DAY_MS + within) as EpochMs;
}

export function anyLog(random: Random): GeneratedLog {
  const partitions = 1 + below(random, 3);
  const cutCount = below(random, 4);
  const busyMs = FIRST_DAY * DAY_MS + below(random, DAYS * 24) * HOUR_MS;
  const events: LogEvent[] = [];
  const cuts: number[][] = [new Array<number>(partitions).fill(0)];
  const ends = new Array<number>(partitions).fill(0);
  const some = (most: number): void => {
    for (let p = 0; p < partitions; p++) {
      for (let i = below(random, most); i > 0; i--) {
        const copy = below(random, 10) === 0;
        const roll = below(random, 12);
        const known = copy && roll < 6;
        const doubt = roll < 9 && !copy ? SURE : roll < 10 ? UNCHECKED : SUSPECTED;
        const user = `u${p}-${below(random, 4)}`;
        const offset = ends[p]!++;
        const [n, timeMs] = [events.length, anyTime(random, busyMs)];
        const place = { n, partition: p, offset, timeMs, user, copy };
        events.push({ ...place, doubt: known ? undefined : doubt });
      }
    }
  };
  for (let c = 1; c <= cutCount; c++) {
    some(7);
    cuts.push(ends.map((_, p) => ++ends[p]!));
  }
  some(7);
  return { events, cuts, ends };
}

export function anyFate(random: Random, log: GeneratedLog): Fate {
  const cut = (from: number): number => from + below(random, log.cuts.length - from);
  const activated = below(random, 8) === 0 ? undefined : below(random, 2) === 0 ? 0 : cut(0);
  const positions = log.ends.map((end) => (below(random, 3) > 0 ? end : below(random, end + 1)));
  const flushes = below(random, 3) === 0;
  return {
    log,
    positions,
    activated,
    started: positions.map(
      (to, p) =>
        activated !== undefined &&
        (to >= (log.cuts[activated]?.[p] ?? 0) || below(random, 2) === 0),
    ),
    runs: Array.from({ length: DAYS }, () =>
      activated === undefined || below(random, 4) === 0 ? undefined : cut(activated),
    ),
    dropped: Array.from({ length: DAYS }, () =>
      log.ends.map(() => (below(random, 8) === 0 ? cut(0) : 0)),
    ),
    flushing: positions.map((to, p) =>
      flushes ? to + below(random, (log.ends[p] ?? 0) - to + 1) : to,
    ),
  };
}

/** Windows of one kind: hours, days, or one of any whole hours. */
export function anyWindows(random: Random): { from: EpochMs; until: EpochMs }[] {
  const hours = DAYS * 24;
  const kind = below(random, 3);
  if (kind === 2) {
    const from = below(random, hours);
    const until = from + 1 + below(random, hours - from);
    return [{ from: at(from), until: at(until) }];
  }
  const step = kind === 0 ? 1 : 24;
  const from = step * below(random, hours / step);
  return Array.from({ length: 3 }, (_, i) => ({
    from: at(from + i * step),
    until: at(from + (i + 1) * step),
  })).filter((w) => w.until <= at(hours));
}

const at = (hour: number): EpochMs => (FIRST_DAY * DAY_MS + hour * HOUR_MS) as EpochMs;

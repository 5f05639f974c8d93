// What an answer says of its windows together: once of each list of them, as there may be thousands and each is a way
// through memory.
import { dayStart, type EpochMs, type UtcDay, type WindowPoints } from "@tandem/shared-logic";

interface MissingSpan {
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly why: string;
}

/** Of windows in order. */
export interface SpanSums {
  readonly suspected: number;
  readonly unchecked: number;
  readonly skipped: number;
  readonly capped: boolean;
  readonly lag: boolean;
  /** Partitions that were read above their position. */
  readonly torn: ReadonlySet<number>;
  /** Events above the runs of days. */
  readonly aboveRuns: ReadonlyMap<UtcDay, number>;
  /** Neighbours that lack the same for the same reason are one. */
  readonly missing: readonly MissingSpan[];
}

type Adding = { -readonly [K in keyof SpanSums]: SpanSums[K] } & {
  readonly torn: Set<number>;
  readonly aboveRuns: Map<UtcDay, number>;
  readonly missing: MissingSpan[];
};

const nothing = (): Adding => ({
  ...{ suspected: 0, unchecked: 0, skipped: 0, capped: false, lag: false },
  ...{ torn: new Set(), aboveRuns: new Map(), missing: [] },
});

export function spanSums(windows: readonly WindowPoints[]): SpanSums {
  const sums = nothing();
  for (const w of windows) {
    add(sums, w);
    if (w.missing !== undefined) lacks(sums.missing, { ...w.window, why: w.missing });
  }
  return sums;
}

/** Of lists one after the other. */
export function sumUp(spans: readonly SpanSums[]): SpanSums {
  const sums = nothing();
  for (const span of spans) {
    add(sums, span);
    for (const missing of span.missing) lacks(sums.missing, missing);
  }
  return sums;
}

function add(sums: Adding, more: Omit<SpanSums, "missing">): void {
  sums.suspected += more.suspected;
  sums.unchecked += more.unchecked;
  sums.skipped += more.skipped;
  sums.capped ||= more.capped;
  sums.lag ||= more.lag;
  if (more.torn.size > 0) for (const partition of more.torn) sums.torn.add(partition);
  if (more.aboveRuns.size > 0)
    for (const [day, events] of more.aboveRuns)
      sums.aboveRuns.set(day, (sums.aboveRuns.get(day) ?? 0) + events);
}

/** Whether windows add the same: sums of the one are sums of the other, in whatever list they stand. */
export const addsSame = (a: WindowPoints, b: WindowPoints): boolean =>
  a.missing === undefined && b.missing === undefined && sameCounts(a, b);

/** The same of sums. */
export const addSame = (a: SpanSums, b: SpanSums): boolean =>
  a.missing.length + b.missing.length === 0 && sameCounts(a, b);

/** Of what is seldom there, whether it is there at all. */
const sameCounts = (a: Omit<SpanSums, "missing">, b: Omit<SpanSums, "missing">): boolean =>
  a.suspected === b.suspected &&
  a.unchecked === b.unchecked &&
  a.skipped === b.skipped &&
  a.capped === b.capped &&
  a.lag === b.lag &&
  a.torn.size + b.torn.size === 0 &&
  a.aboveRuns.size + b.aboveRuns.size === 0;

function lacks(missing: MissingSpan[], next: MissingSpan): void {
  const last = missing.at(-1);
  if (last && last.until === next.from && last.why === next.why)
    missing[missing.length - 1] = { ...last, until: next.until };
  else missing.push(next);
}

/** Events above the runs of days that have ended. */
export function pendingOf({ aboveRuns }: SpanSums, now: EpochMs): number {
  let pending = 0;
  for (const [day, events] of aboveRuns)
    if (dayStart((day + 1) as UtcDay) <= now) pending += events;
  return pending;
}

// How many calls a round of the group commit waits for, of those who are there. While a round is synced, others can be
// worked on: as many as that takes the time for are left to the next round, or the processor has nothing to do meanwhile.
// Where a sync takes longer than working on half of them, rounds are as large as can be: small ones cost as much as large ones.

/** Not all, so that a straggler holds up nobody. */
const MOST = 7 / 8;

export function awaitedCalls(callers: number, commitMs: number, callMs: number): number {
  const most = Math.floor(callers * MOST);
  const besides = commitMs / callMs;
  return besides > callers / 2 ? most : Math.min(most, Math.ceil(callers - besides));
}

/** How many call: those of a round and of the one that gathers. Some may be on their way, so fewer are believed by and by. */
export const callersNow = (before: number, present: number): number =>
  Math.max(present, before - Math.ceil((before - present) / 8));

const LONGEST_MS = 4;
const SHORTEST_MS = 1e-3;
const STEP = 1.03;

/** From one call to the next while one comes behind the other: the median, as pauses between them say nothing. */
export class CallPace {
  callMs = LONGEST_MS;
  private lastMs = Number.NEGATIVE_INFINITY;

  /** A call has come. */
  note(nowMs: number): void {
    const longer = nowMs - this.lastMs > this.callMs;
    this.lastMs = nowMs;
    const next = longer ? this.callMs * STEP : this.callMs / STEP;
    this.callMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, next));
  }
}

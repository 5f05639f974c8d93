// Bloom filters by the UTC day an event was sent on, which is part of what makes it the same: an id is looked for
// in the filters of its own day and nowhere else. A day is kept until `filterMs` of received time behind its end,
// after which its events are too late to be told. Ids of days that are not kept are kept by the day they are
// received on, apart: those of days long over are never known to be new; those from further ahead than tomorrow are
// looked for from any day, as theirs may come while they are kept. A day's filters are made for as many ids as the
// days before had. Driven by records alone, so that every fold of the same prefix remembers and forgets the same,
// however it is cut into batches.
import { DAY_MS } from "@tandem/shared-logic";
import { DaySlice, type SliceKind } from "./day-slice.ts";
import { LAST_LEVEL } from "./filter-link.ts";
import type { IdBatch } from "./id-batch.ts";

/** Ids a day, in units of the setting `generationIds`. */
export const GENERATIONS_A_DAY = 5;

/** The days that are kept at a received time, and until when those are. */
interface Reach {
  readonly oldest: number;
  readonly today: number;
  readonly untilMs: number;
}

/** What there is to know beside the slices, as JSON can tell it. */
export interface FilterFacts {
  readonly nextId: number;
  readonly today: number | null;
  readonly doublings: number;
  readonly uncheckedUntilMs: number | null;
}

export class DayFilters {
  readonly dayIds: number;
  readonly filterMs: number;
  /** In the order they began. */
  slices: DaySlice[] = [];
  /** Received time until which an id may have been forgotten that nothing here tells of. */
  private uncheckedUntilMs = Number.NEGATIVE_INFINITY;
  private nextId = 0;
  /** The newest day that something was received on, and how slices opened on it are made. */
  private today: number | null = null;
  private doublings = 0;

  constructor(generationIds: number, filterMs: number) {
    this.dayIds = GENERATIONS_A_DAY * generationIds;
    this.filterMs = filterMs;
  }

  get facts(): FilterFacts {
    const { nextId, today, doublings, uncheckedUntilMs } = this;
    const until = Number.isFinite(uncheckedUntilMs) ? uncheckedUntilMs : null;
    return { nextId, today, doublings, uncheckedUntilMs: until };
  }

  restore(facts: FilterFacts): void {
    this.nextId = facts.nextId;
    this.today = facts.today;
    this.doublings = facts.doublings;
    this.uncheckedUntilMs = facts.uncheckedUntilMs ?? Number.NEGATIVE_INFINITY;
  }

  /** Bytes of the slices there are, however full their lists. */
  get mostBytes(): number {
    return this.slices.reduce((sum, slice) => sum + slice.mostBytes, 0);
  }

  /** Adds the first `n` ids of a batch. */
  addAll(ids: IdBatch, n: number): void {
    const { receivedMs } = ids;
    for (let from = 0; from < n; ) {
      const reach = this.reachAt(receivedMs[from]!);
      let until = from + 1;
      while (until < n && receivedMs[until]! < reach.untilMs) until++;
      if (this.slices.some((slice) => slice.day < reach.oldest))
        this.slices = this.slices.filter((slice) => slice.day >= reach.oldest);
      if (reach.today !== this.today) this.begin(reach.today);
      this.addSpan(ids, from, until, reach);
      from = until;
    }
    for (let i = 0; i < n && receivedMs[i]! < this.uncheckedUntilMs; i++) ids.forgotten[i] = 1;
  }

  /** Only here, between two days, the counts are the same however batches are cut. */
  private begin(today: number): void {
    this.today = today;
    const most = Math.max(
      0,
      ...this.slices.map((slice) => (slice.kind === "sent" ? slice.count : 0)),
    );
    this.doublings = 0;
    while (this.doublings < LAST_LEVEL - 1 && most > this.dayIds * 2 ** this.doublings)
      this.doublings++;
  }

  private reachAt(receivedMs: number): Reach {
    const today = Math.floor(receivedMs / DAY_MS);
    const oldest = Math.floor((receivedMs - this.filterMs) / DAY_MS);
    const untilMs = Math.min((today + 1) * DAY_MS, (oldest + 1) * DAY_MS + this.filterMs);
    return { oldest, today, untilMs };
  }

  /** In runs of ids from ahead, and of others: what the ones have been added to is looked into by the others. */
  private addSpan(ids: IdBatch, from: number, until: number, reach: Reach): void {
    const { days } = ids;
    const farthest = reach.today + 1;
    for (let start = from; start < until; ) {
      const ahead = days[start]! > farthest;
      let end = start + 1;
      while (end < until && days[end]! > farthest === ahead) end++;
      if (ahead) this.addStrays("ahead", ids, start, end, reach);
      else this.addRun(ids, start, end, reach);
      start = end;
    }
  }

  /** Ids of days that are kept, day by day, and of those that are over. */
  private addRun(ids: IdBatch, from: number, until: number, reach: Reach): void {
    const { days, forgotten, order, rest } = ids;
    let left = 0;
    for (let i = from; i < until; i++) {
      if (days[i]! < reach.oldest) forgotten[i] = 1;
      else rest[left++] = i;
    }
    const late = until - from - left;
    while (left > 0) {
      const day = days[rest[0]!]!;
      let [taken, others] = [0, 0];
      for (let k = 0; k < left; k++) {
        const i = rest[k]!;
        if (days[i]! === day) order[taken++] = i;
        else rest[others++] = i;
      }
      this.sliceOf("sent", day).add(ids, taken);
      left = others;
    }
    if (late > 0) this.addStrays("late", ids, from, until, reach);
    for (const slice of this.slices) {
      if (slice.kind === "ahead") slice.look(ids, everyOne(ids, from, until));
    }
  }

  /** Adds those ids that are of the kind to the strays of today, and looks for them in those of days before. */
  private addStrays(
    kind: "late" | "ahead",
    ids: IdBatch,
    from: number,
    until: number,
    { oldest, today }: Reach,
  ): void {
    const some = (): number =>
      kind === "ahead" ? everyOne(ids, from, until) : lateOnes(ids, from, until, oldest);
    const own = this.sliceOf(kind, today);
    own.add(ids, some());
    for (const slice of this.slices) {
      if (slice.kind === kind && slice !== own) slice.look(ids, some());
    }
  }

  private sliceOf(kind: SliceKind, day: number): DaySlice {
    for (const slice of this.slices) if (slice.day === day && slice.kind === kind) return slice;
    const doublings = kind === "sent" ? this.doublings : 0;
    const opened = new DaySlice(this.nextId++, kind, day, this.dayIds, doublings);
    this.slices.push(opened);
    return opened;
  }
}

/** Puts these ids in `order`; how many they are. */
function everyOne({ order }: IdBatch, from: number, until: number): number {
  for (let i = from; i < until; i++) order[i - from] = i;
  return until - from;
}

function lateOnes({ order, days }: IdBatch, from: number, until: number, oldest: number): number {
  let n = 0;
  for (let i = from; i < until; i++) if (days[i]! < oldest) order[n++] = i;
  return n;
}

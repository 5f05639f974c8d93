// Bloom filters by the UTC day an event was sent on, which is part of what makes it the same: an id is looked for
// in the filter of its own day and nowhere else. A day is kept until `filterMs` of received time behind its end,
// after which its events are too late to be told. Events of days that are not kept are treated as received today:
// older ones are never known to be new; those from further ahead than tomorrow are looked for from any day. Driven
// by records alone, so that every fold of the same prefix remembers and forgets the same, however it is cut into
// batches.
import { BLOOM_FALSE_POSITIVES, DAY_MS } from "@tandem/shared-logic";
import { DaySlice } from "./day-slice.ts";

/** Ids a day, in units of the setting `generationIds`. */
export const GENERATIONS_A_DAY = 5;
/** Of an id's lookups together. */
export const FALSE_POSITIVES = BLOOM_FALSE_POSITIVES;

/** Ids in the order of the log, and what is found out about them. */
export interface IdBatch {
  /** Id i is lanes[4 · i] … [4 · i + 3]. */
  readonly lanes: Uint32Array;
  /** The UTC day each was sent on. */
  readonly days: Float64Array;
  /** When each was received; never goes back. */
  readonly receivedMs: Float64Array;
  /** Set to 1 where an id may have been added before; 0 at first. */
  readonly known: Uint8Array;
  /** Set to 1 where an id may have been forgotten; 0 at first. */
  readonly forgotten: Uint8Array;
  /** Room for a number an id. */
  readonly order: Int32Array;
  readonly rest: Int32Array;
}

/** The days that are kept at a received time, and until when those are. */
interface Reach {
  readonly oldest: number;
  readonly today: number;
  readonly untilMs: number;
}

export class DayFilters {
  readonly dayIds: number;
  readonly filterMs: number;
  /** In the order they began. */
  slices: DaySlice[] = [];
  /** Received time until which an id may have been forgotten too early. */
  uncheckedUntilMs = Number.NEGATIVE_INFINITY;
  nextId = 0;

  constructor(generationIds: number, filterMs: number) {
    this.dayIds = GENERATIONS_A_DAY * generationIds;
    this.filterMs = filterMs;
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
      this.slices = this.slices.filter((slice) => slice.day >= reach.oldest);
      this.addSpan(ids, from, until, reach);
      from = until;
    }
  }

  private reachAt(receivedMs: number): Reach {
    const today = Math.floor(receivedMs / DAY_MS);
    const oldest = Math.floor((receivedMs - this.filterMs) / DAY_MS);
    const untilMs = Math.min((today + 1) * DAY_MS, (oldest + 1) * DAY_MS + this.filterMs);
    return { oldest, today, untilMs };
  }

  private addSpan(ids: IdBatch, from: number, until: number, reach: Reach): void {
    const { days, forgotten, order, rest } = ids;
    let ahead = this.slices.some((slice) => slice.aheadMs > Number.NEGATIVE_INFINITY);
    for (let i = from; i < until; i++) {
      rest[i - from] = i;
      if (days[i]! < reach.oldest) forgotten[i] = 1;
      else if (days[i]! > reach.today + 1) ahead = true;
    }
    if (ahead) {
      // One after the other, as each may be in several filters.
      for (let i = from; i < until; i++) this.addOne(ids, i, reach);
      return;
    }
    for (let left = until - from; left > 0; ) {
      const day = dayOf(days[rest[0]!]!, reach);
      let [taken, others] = [0, 0];
      for (let k = 0; k < left; k++) {
        const i = rest[k]!;
        if (dayOf(days[i]!, reach) === day) order[taken++] = i;
        else rest[others++] = i;
      }
      this.addTo(this.sliceOf(day), ids, taken);
      left = others;
    }
  }

  private addOne(ids: IdBatch, i: number, reach: Reach): void {
    const { lanes, days, receivedMs, known, order } = ids;
    const slice = this.sliceOf(dayOf(days[i]!, reach));
    order[0] = i;
    this.addTo(slice, ids, 1);
    for (const other of this.slices) {
      if (other.day !== slice.day && other.aheadMs > Number.NEGATIVE_INFINITY)
        other.bloom.mark(lanes, order, 0, 1, known);
    }
    // Adding it may have put another slice in the place of that one.
    if (days[i]! > reach.today + 1) this.sliceOf(slice.day).aheadMs = receivedMs[i]!;
  }

  /** Adds ids `order[0, n)` to a slice, and to the one in its place where it is full. */
  private addTo(slice: DaySlice, ids: IdBatch, n: number): void {
    const { lanes, receivedMs, known, forgotten, order } = ids;
    let into = slice;
    for (let at = 0; ; ) {
      const end = into.add(lanes, order, at, n, known);
      for (let k = at; k < end; k++) {
        const i = order[k]!;
        if (into.forgot || receivedMs[i]! < this.uncheckedUntilMs) forgotten[i] = 1;
      }
      at = end;
      if (at === n) return;
      into = this.replaced(into);
    }
  }

  private sliceOf(day: number): DaySlice {
    for (const slice of this.slices) if (slice.day === day) return slice;
    const opened = new DaySlice(this.nextId++, day, this.dayIds);
    this.slices.push(opened);
    return opened;
  }

  private replaced(full: DaySlice): DaySlice {
    const opened = new DaySlice(this.nextId++, full.day, this.dayIds);
    opened.forgot = true;
    // Ids from ahead, whose own days begin later, are forgotten with it.
    this.uncheckedUntilMs = Math.max(this.uncheckedUntilMs, full.aheadMs + this.filterMs);
    this.slices[this.slices.indexOf(full)] = opened;
    return opened;
  }
}

/** The day whose filter an id belongs to. */
const dayOf = (day: number, { oldest, today }: Reach): number =>
  day < oldest || day > today + 1 ? today : day;

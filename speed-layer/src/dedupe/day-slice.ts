// The ids of one UTC day: one Bloom filter at a time, so that an id is looked for in one place. A small one at
// first, whose ids are also listed; once that is full, one for a whole day, to which the listed ids are added.
// One that is full, too, goes, and what follows cannot be told from what it held. Driven by the ids alone, in
// the order of the log.
import { Bloom } from "@tandem/shared-logic";
import { IdList, listBytes } from "./id-list.ts";

/** Share of a day's ids that the small filter holds, and that may be listed since the last whole part. */
const LISTED_SHARE = 1 / 512;

/** Parts of a checkpoint that together are a slice: a filter's words, then ids added since. */
export interface SliceParts {
  readonly filter: string | null;
  readonly ids: readonly string[];
}

const NO_PARTS: SliceParts = { filter: null, ids: [] };

export class DaySlice {
  readonly id: number;
  readonly day: number;
  /** Ids of the day that are told apart. */
  readonly capacity: number;
  /** A full filter went: no id of the day is known to be new any more. */
  forgot = false;
  /** Newest received time of an id from further ahead than filters reach, which is kept here. */
  aheadMs = Number.NEGATIVE_INFINITY;
  bloom: Bloom;
  /** Ids added and in no part yet or, of a small filter, all; undefined where there are too many. */
  listed: IdList | undefined;
  /** Those of `listed` that are in `parts`. */
  savedIds = 0;
  parts: SliceParts = NO_PARTS;
  /** Ids that the filter of `parts` counts. */
  savedCount = 0;

  constructor(id: number, day: number, capacity: number) {
    this.id = id;
    this.day = day;
    this.capacity = capacity;
    this.bloom = new Bloom(this.listedMost);
    this.listed = new IdList();
  }

  get small(): boolean {
    return this.bloom.capacity < this.capacity;
  }

  private get listedMost(): number {
    return Math.ceil(this.capacity * LISTED_SHARE);
  }

  /** Bytes of the filter, and of the list at its longest. */
  get mostBytes(): number {
    return this.bloom.sizeBytes + listBytes(this.listedMost);
  }

  get full(): boolean {
    return !this.small && this.bloom.count >= this.capacity;
  }

  /**
   * Adds ids `order[from, until)` up to where the filter is full; how far it came. Sets `known[i]` where id i may have
   * been added before.
   */
  add(
    lanes: Uint32Array,
    order: Int32Array,
    from: number,
    until: number,
    known: Uint8Array,
  ): number {
    let at = from;
    while (at < until && !this.full) {
      const end = Math.min(until, at + this.bloom.capacity - this.bloom.count);
      this.bloom.addAll(lanes, order, at, end, known);
      this.list(lanes, order, at, end, known);
      if (this.small && this.bloom.count >= this.bloom.capacity) this.grow();
      at = end;
    }
    return at;
  }

  private list(
    lanes: Uint32Array,
    order: Int32Array,
    from: number,
    until: number,
    known: Uint8Array,
  ): void {
    const { listed } = this;
    if (!listed) return;
    for (let k = from; k < until; k++) {
      const i = order[k]!;
      if (known[i] === 0) listed.push(lanes, 4 * i);
    }
    if (!this.small && listed.count > this.listedMost) this.listed = undefined;
  }

  private grow(): void {
    this.bloom = new Bloom(this.capacity);
    if (this.listed) addListed(this.bloom, this.listed.from(0));
    // The next checkpoint writes the filter whole.
    this.listed = undefined;
  }

  /** A checkpoint with these parts is complete. */
  saved(parts: SliceParts): void {
    if (parts.filter !== this.parts.filter) {
      this.savedCount = this.bloom.count;
      this.listed = new IdList();
    }
    this.savedIds = this.listed?.count ?? 0;
    this.parts = parts;
  }

  /** The words of a checkpoint's filter, and how many ids it counted; false where they are none. */
  restoreFilter(words: Uint32Array, count: number): boolean {
    const bloom = new Bloom(this.capacity);
    if (words.length !== bloom.words.length) return false;
    this.bloom = new Bloom(this.capacity, words, count);
    this.savedCount = count;
    this.listed = new IdList();
    return true;
  }

  /** The ids of one part of a checkpoint. */
  restoreIds(lanes: Uint32Array): void {
    const n = lanes.length / 4;
    const order = Int32Array.from({ length: n }, (_, i) => i);
    this.add(lanes, order, 0, n, new Uint8Array(n));
    this.savedIds = this.listed?.count ?? 0;
  }
}

function addListed(bloom: Bloom, lanes: Uint32Array): void {
  const n = lanes.length / 4;
  const order = Int32Array.from({ length: n }, (_, i) => i);
  bloom.addAll(lanes, order, 0, n, new Uint8Array(n));
}

// One Bloom filter of a chain, and the ids added to it since it was last written, so that a checkpoint costs what
// came since the last one. The first of a chain begins very small, with all its ids listed: once that is full, they
// are added to one of its whole size. Driven by the ids alone, in the order of the log.
import { Bloom, bloomFalsePositives } from "@tandem/shared-logic";
import { IdList, listBytes } from "./id-list.ts";

/** Parts of a checkpoint that together are a filter: its words, then ids added since. */
export interface LinkParts {
  readonly filter: string | null;
  readonly ids: readonly string[];
}

const NO_PARTS: LinkParts = { filter: null, ids: [] };

/** Share of its capacity that a filter lists, and that the very small one holds. */
const LISTED_SHARE = 1 / 512;
/** Of the ids a chain is made for, the share that its first filter holds. The second has the others. */
const FIRST_SHARE = 1 / 64;
/** Then they double, up to this one: a chain holds so many times the ids that it is made for. */
export const LAST_LEVEL = 4;
export const MOST_TIMES = 2 ** (LAST_LEVEL - 1);

const BITS_PER_ID = 16;
/** Of all filters but the second: false positives add up over a chain, and these must not show. */
const AMPLE_BITS_PER_ID = 32;

const shapeOf = (ids: number, level: number): { capacity: number; bitsPerId: number } => {
  const first = Math.ceil(ids * FIRST_SHARE);
  if (level === 1) return { capacity: Math.max(1, ids - first), bitsPerId: BITS_PER_ID };
  const capacity = level === 0 ? first : ids * 2 ** (level - 2);
  return { capacity: Math.max(1, capacity), bitsPerId: AMPLE_BITS_PER_ID };
};

/** Of new ids, the share that a chain takes for known where all its filters are full. */
export const CHAIN_FALSE_POSITIVES =
  bloomFalsePositives(BITS_PER_ID) + LAST_LEVEL * bloomFalsePositives(AMPLE_BITS_PER_ID);

export class FilterLink {
  readonly id: number;
  readonly level: number;
  bloom: Bloom;
  /** Ids added and in no part yet or, of a very small filter, all; undefined where it has to be written whole. */
  listed: IdList | undefined = new IdList();
  /** Those of `listed` that are in `parts`. */
  savedIds = 0;
  parts: LinkParts = NO_PARTS;
  /** Ids that the filter of `parts` counts. */
  savedCount = 0;
  private readonly capacity: number;
  private readonly bitsPerId: number;
  private readonly listedMost: number;

  /** `ids`: for how many its chain is made. */
  constructor(id: number, level: number, ids: number) {
    this.id = id;
    this.level = level;
    const { capacity, bitsPerId } = shapeOf(ids, level);
    this.capacity = capacity;
    this.bitsPerId = bitsPerId;
    this.listedMost = Math.ceil(Math.max(capacity, ids) * LISTED_SHARE);
    const first = level === 0 ? Math.min(this.listedMost, capacity) : capacity;
    this.bloom = new Bloom(first, bitsPerId);
  }

  get small(): boolean {
    return this.bloom.capacity < this.capacity;
  }

  /** New ids that may be added before another filter has to take them. */
  get room(): number {
    return this.capacity - this.bloom.count;
  }

  get sizeBytes(): number {
    return this.bloom.sizeBytes + (this.listed?.sizeBytes ?? 0);
  }

  /** Bytes where the list is at its longest. */
  get mostBytes(): number {
    return this.bloom.sizeBytes + listBytes(this.listedMost);
  }

  /** Adds ids `order[from, until)`, for which there is room. Sets `known[i]` where id i may have been added before. */
  add(lanes: Uint32Array, order: Int32Array, from: number, until: number, known: Uint8Array): void {
    for (let at = from; at < until; ) {
      const end = Math.min(until, at + this.bloom.capacity - this.bloom.count);
      this.bloom.addAll(lanes, order, at, end, known);
      this.list(lanes, order, at, end, known);
      if (this.small && this.bloom.count >= this.bloom.capacity) this.grow();
      at = end;
    }
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
    this.bloom = new Bloom(this.capacity, this.bitsPerId);
    if (this.listed) this.addLanes(this.listed.from(0));
    // The next checkpoint writes the filter whole.
    this.listed = undefined;
  }

  private addLanes(lanes: Uint32Array): void {
    const n = lanes.length / 4;
    const order = Int32Array.from({ length: n }, (_, i) => i);
    this.bloom.addAll(lanes, order, 0, n, new Uint8Array(n));
  }

  /** These parts hold all its ids: what comes from here on goes to the next checkpoint's. */
  taken(parts: LinkParts): void {
    if (parts.filter !== this.parts.filter) this.savedCount = this.bloom.count;
    this.parts = parts;
    this.written();
  }

  /** Parts that were taken were not written: the next checkpoint writes it whole. */
  lost(): void {
    this.parts = NO_PARTS;
    if (this.small) this.savedIds = 0;
    else this.listed = undefined;
  }

  /** What is listed is in a part: only of a very small filter it will be needed again. */
  private written(): void {
    if (!this.listed || !this.small) this.listed = new IdList();
    this.savedIds = this.listed.count;
  }

  /** The words of a checkpoint's filter, and how many ids it counted; false where they are none. */
  restoreFilter(words: Uint32Array, count: number): boolean {
    const empty = new Bloom(this.capacity, this.bitsPerId);
    if (words.length !== empty.words.length) return false;
    this.bloom = new Bloom(this.capacity, this.bitsPerId, words, count);
    this.savedCount = count;
    return true;
  }

  /** The ids of one part of a checkpoint. */
  restoreIds(lanes: Uint32Array): void {
    const n = lanes.length / 4;
    const order = Int32Array.from({ length: n }, (_, i) => i);
    this.add(lanes, order, 0, n, new Uint8Array(n));
    this.written();
  }
}

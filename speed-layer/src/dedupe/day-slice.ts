// The ids of one UTC day: a chain of Bloom filters, each begun when the one before is full (Almeida, Baquero,
// Preguiça, Hutchison, "Scalable Bloom Filters", 2007). Ids are added to the last and looked for in all, nearly
// always one small and one large. Nothing is forgotten up to eight times the ids that it is made for, nor are more
// than 0.1 % of new ids taken for known; then all filters but the last go, at least half of the ids, and what
// follows cannot be told from what they held. Driven by the ids alone, in the order of the log.
import { FilterLink, LAST_LEVEL } from "./filter-link.ts";
import type { IdBatch } from "./id-batch.ts";

/**
 * Which ids it has: those `sent` on the day; or of those received on it, the ones sent on days that are not kept,
 * because these are over (`late`) or far ahead (`ahead`).
 */
export type SliceKind = "sent" | "late" | "ahead";

export class DaySlice {
  readonly id: number;
  readonly kind: SliceKind;
  readonly day: number;
  /** Filters went: no id of it is known to be new any more. */
  forgot = false;
  /** In the order they began; never none. */
  links: FilterLink[];
  /** It is made for 2 ** doublings times the ids of others, and holds as many as these at most. */
  readonly doublings: number;
  private readonly ids: number;

  constructor(id: number, kind: SliceKind, day: number, ids: number, doublings = 0) {
    this.id = id;
    this.kind = kind;
    this.day = day;
    this.doublings = doublings;
    this.ids = ids * 2 ** doublings;
    this.links = [this.emptyLink(0, 0)];
  }

  /** Ids that were added; infinite where some are forgotten. */
  get count(): number {
    if (this.forgot) return Number.POSITIVE_INFINITY;
    return this.links.reduce((sum, link) => sum + link.bloom.count, 0);
  }

  get sizeBytes(): number {
    return this.links.reduce((sum, link) => sum + link.sizeBytes, 0);
  }

  /** Bytes where the list of the last filter is at its longest. */
  get mostBytes(): number {
    return this.sizeBytes - this.open.sizeBytes + this.open.mostBytes;
  }

  /** A filter without ids, in the place of a link of a checkpoint. */
  emptyLink(id: number, level: number): FilterLink {
    return new FilterLink(id, level, this.ids);
  }

  private get open(): FilterLink {
    return this.links.at(-1)!;
  }

  /** Says of each i of `ids.order[0, n)` what `add` would, and adds none. */
  look({ lanes, order, known, forgotten }: IdBatch, n: number): void {
    for (const link of this.links) link.bloom.mark(lanes, order, 0, n, known);
    if (this.forgot) for (let k = 0; k < n; k++) forgotten[order[k]!] = 1;
  }

  /**
   * Adds each i of `ids.order[0, n)`, which is no more the same then; none of them is known yet. Sets `known[i]` where
   * id i may have been added before, `forgotten[i]` where it may have been forgotten.
   */
  add(ids: IdBatch, n: number): void {
    const { lanes, order, known, forgotten } = ids;
    for (let at = 0; at < n; ) {
      if (this.open.room <= 0) this.extend();
      const end = Math.min(n, at + this.open.room);
      if (this.forgot) for (let k = at; k < end; k++) forgotten[order[k]!] = 1;
      this.open.add(lanes, order, at, this.lookedFor(ids, at, end), known);
      at = end;
    }
  }

  /** Looks ids `order[from, until)` up in the full filters and puts those not found first: the end of these. */
  private lookedFor({ lanes, order, known }: IdBatch, from: number, until: number): number {
    if (this.links.length === 1) return until;
    for (const link of this.links) {
      if (link !== this.open) link.bloom.mark(lanes, order, from, until, known);
    }
    let end = from;
    for (let k = from; k < until; k++) {
      const i = order[k]!;
      if (known[i] === 0) order[end++] = i;
    }
    return end;
  }

  private extend(): void {
    const last = this.open;
    const lastLevel = LAST_LEVEL - this.doublings;
    if (last.level === lastLevel) {
      this.links = [last];
      this.forgot = true;
    }
    this.links.push(this.emptyLink(last.id + 1, Math.min(last.level + 1, lastLevel)));
  }
}

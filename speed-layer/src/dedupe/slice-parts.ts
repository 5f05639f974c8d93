// The duplicate filters as parts of a checkpoint, each written once: a filter's words, and ids added since, so that a
// checkpoint costs what came since the last one.
import type { CheckpointStore } from "@tandem/shared-logic";
import type { DayFilters } from "./day-filters.ts";
import { DaySlice, type SliceKind } from "./day-slice.ts";
import type { FilterLink, LinkParts } from "./filter-link.ts";

export interface LinkHead extends LinkParts {
  readonly id: number;
  readonly level: number;
  /** Ids that the filter part counts. */
  readonly count: number;
}

export interface SliceHead {
  readonly id: number;
  readonly kind: SliceKind;
  readonly day: number;
  readonly forgot: boolean;
  readonly doublings: number;
  readonly links: readonly LinkHead[];
}

/** Parts of ids after which a whole part is written. */
const MAX_PARTS = 16;

export const partsOf = ({ links }: SliceHead): string[] =>
  links.flatMap(({ filter, ids }) => (filter === null ? ids : [filter, ...ids]));

/** A part by its key, for the store. */
export interface Part {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** What is new since the last time, which does not change while the parts are written and the filters take more ids. */
export function takeSlices(filters: DayFilters, stem: string, parts: Part[]): SliceHead[] {
  return filters.slices.map(({ id, kind, day, forgot, doublings, links }) => ({
    id,
    kind,
    day,
    forgot,
    doublings,
    links: links.map((link) => takeLink(link, `${stem}-slice-${id}-${link.id}`, parts)),
  }));
}

/** The parts that the last `takeSlices` gave were not all written. */
export function loseSlices(filters: DayFilters): void {
  for (const { links } of filters.slices) for (const link of links) link.lost();
}

function takeLink(link: FilterLink, stem: string, parts: Part[]): LinkHead {
  const { listed, parts: before } = link;
  if (listed?.count !== link.savedIds) {
    const many = before.ids.length >= MAX_PARTS;
    if (!listed || (many && !link.small)) {
      parts.push({ key: `${stem}-filter`, bytes: bytesOf(link.bloom.words.slice()) });
      link.taken({ filter: `${stem}-filter`, ids: [] });
    } else {
      const ids = listed.from(many ? 0 : link.savedIds);
      parts.push({ key: `${stem}-ids`, bytes: bytesOf(ids) });
      link.taken({ filter: before.filter, ids: [...(many ? [] : before.ids), `${stem}-ids`] });
    }
  }
  return { id: link.id, level: link.level, count: link.savedCount, ...link.parts };
}

/** Puts the slices back; false where a part is gone or of another size. */
export async function restoreSlices(
  store: CheckpointStore,
  filters: DayFilters,
  heads: readonly SliceHead[],
): Promise<boolean> {
  for (const head of heads) {
    const { id, kind, day, doublings } = head;
    const slice = new DaySlice(id, kind, day, filters.dayIds, doublings);
    slice.forgot = head.forgot;
    slice.links = [];
    for (const linkHead of head.links) {
      const link = slice.emptyLink(linkHead.id, linkHead.level);
      if (!(await restoreLink(store, link, linkHead))) return false;
      slice.links.push(link);
    }
    filters.slices.push(slice);
  }
  return true;
}

async function restoreLink(
  store: CheckpointStore,
  link: FilterLink,
  { filter, ids, count }: LinkHead,
): Promise<boolean> {
  if (filter !== null) {
    const bytes = await store.get(filter);
    if (!bytes || !link.restoreFilter(wordsOf(bytes), count)) return false;
  }
  for (const part of ids) {
    const bytes = await store.get(part);
    if (!bytes) return false;
    link.restoreIds(wordsOf(bytes));
  }
  link.parts = { filter, ids };
  return true;
}

export const bytesOf = (words: Uint32Array): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

export function wordsOf(bytes: Uint8Array): Uint32Array {
  const copy = bytes.slice();
  return new Uint32Array(copy.buffer, 0, copy.length >>> 2);
}

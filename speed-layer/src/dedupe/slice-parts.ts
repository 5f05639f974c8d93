// The duplicate filters as parts of a checkpoint, each written once: a filter's words, and ids added since, so that a
// checkpoint costs what came since the last one. Nothing of a filter changes before its checkpoint is complete.
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

/** Heads of all slices, and what to do once a head that names them is in the store. */
export interface SavedSlices {
  readonly heads: readonly SliceHead[];
  readonly done: () => void;
}

export async function saveSlices(
  store: CheckpointStore,
  filters: DayFilters,
  stem: string,
): Promise<SavedSlices> {
  const heads: SliceHead[] = [];
  const done: (() => void)[] = [];
  for (const { id, kind, day, forgot, doublings, links } of filters.slices) {
    const linkHeads: LinkHead[] = [];
    for (const link of links) {
      const parts = await saveParts(store, link, `${stem}-slice-${id}-${link.id}`);
      const count = parts.filter === link.parts.filter ? link.savedCount : link.bloom.count;
      linkHeads.push({ id: link.id, level: link.level, count, ...parts });
      done.push(() => link.saved(parts));
    }
    heads.push({ id, kind, day, forgot, doublings, links: linkHeads });
  }
  return {
    heads,
    done: () => {
      for (const saved of done) saved();
    },
  };
}

async function saveParts(
  store: CheckpointStore,
  link: FilterLink,
  stem: string,
): Promise<LinkParts> {
  const { parts, listed } = link;
  if (listed?.count === link.savedIds) return parts;
  const many = parts.ids.length >= MAX_PARTS;
  if (!listed || (many && !link.small)) {
    await store.put(`${stem}-filter`, bytesOf(link.bloom.words));
    return { filter: `${stem}-filter`, ids: [] };
  }
  await store.put(`${stem}-ids`, bytesOf(listed.from(many ? 0 : link.savedIds)));
  return { filter: parts.filter, ids: [...(many ? [] : parts.ids), `${stem}-ids`] };
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

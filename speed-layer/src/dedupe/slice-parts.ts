// The slices of the duplicate filters as parts of a checkpoint, each written once: a filter's words, and ids added
// since, so that a checkpoint costs what came since the last one. Nothing of a slice changes before its checkpoint
// is complete.
import type { CheckpointStore } from "@tandem/shared-logic";
import type { DayFilters } from "./day-filters.ts";
import { DaySlice, type SliceParts } from "./day-slice.ts";

export interface SliceHead extends SliceParts {
  readonly id: number;
  readonly day: number;
  readonly capacity: number;
  /** Ids that the filter part counts. */
  readonly count: number;
  readonly forgot: boolean;
  /** Null: it keeps no ids from ahead. */
  readonly aheadMs: number | null;
}

/** Parts of ids after which a whole part is written. */
const MAX_PARTS = 16;

export const partsOf = (head: SliceParts): string[] =>
  head.filter === null ? [...head.ids] : [head.filter, ...head.ids];

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
  for (const slice of filters.slices) {
    const { id, day, capacity, forgot, aheadMs } = slice;
    const parts = await saveParts(store, slice, `${stem}-slice-${id}`);
    const count = parts.filter === slice.parts.filter ? slice.savedCount : slice.bloom.count;
    const ahead = Number.isFinite(aheadMs) ? aheadMs : null;
    heads.push({ id, day, capacity, count, forgot, aheadMs: ahead, ...parts });
    done.push(() => slice.saved(parts));
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
  slice: DaySlice,
  stem: string,
): Promise<SliceParts> {
  const { parts, listed } = slice;
  const many = parts.ids.length >= MAX_PARTS;
  if (!listed || (many && !slice.small)) {
    await store.put(`${stem}-filter`, bytesOf(slice.bloom.words));
    return { filter: `${stem}-filter`, ids: [] };
  }
  if (listed.count === slice.savedIds) return parts;
  await store.put(`${stem}-ids`, bytesOf(listed.from(many ? 0 : slice.savedIds)));
  return { filter: parts.filter, ids: [...(many ? [] : parts.ids), `${stem}-ids`] };
}

/** Puts the slices back; false where a part is gone or of another size. */
export async function restoreSlices(
  store: CheckpointStore,
  filters: DayFilters,
  heads: readonly SliceHead[],
): Promise<boolean> {
  for (const head of heads) {
    const slice = new DaySlice(head.id, head.day, head.capacity);
    slice.forgot = head.forgot;
    slice.aheadMs = head.aheadMs ?? Number.NEGATIVE_INFINITY;
    if (head.filter !== null) {
      const bytes = await store.get(head.filter);
      if (!bytes || !slice.restoreFilter(wordsOf(bytes), head.count)) return false;
    }
    for (const part of head.ids) {
      const bytes = await store.get(part);
      if (!bytes) return false;
      slice.restoreIds(wordsOf(bytes));
    }
    slice.parts = { filter: head.filter, ids: head.ids };
    filters.slices.push(slice);
  }
  return true;
}

export const bytesOf = (words: Uint32Array): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

export function wordsOf(bytes: Uint8Array): Uint32Array {
  const copy = bytes.slice();
  return new Uint32Array(copy.buffer, 0, copy.length >>> 2);
}

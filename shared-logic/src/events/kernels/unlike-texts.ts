// Compares many texts with those of a store that may be they. Block by block: first where the store has them, then a read of
// each, then the texts, so that the waits for what is in no cache overlap.
import type { TextSlices } from "../text-slices.ts";
import type { TextStore } from "../text-store.ts";

const BLOCK = 256;
const WORD = 4;

const starts = new Int32Array(BLOCK);
/** What was read before it was needed: kept, so that the reads are not optimised away. */
let touched = 0;

/**
 * Of the first `count` rows of `rows` those whose text is not, with the byte `prefix` in front unless it is 0, that of its
 * code in the store, which is as long: moved to the front of `rows`. How many they are.
 */
export function unlikeTexts(
  store: TextStore,
  codes: Int32Array,
  rows: Int32Array,
  count: number,
  texts: TextSlices,
  prefix: number,
): number {
  let unlike = 0;
  for (let first = 0; first < count; first += BLOCK) {
    const until = Math.min(count, first + BLOCK);
    findAll(store.ends, codes, rows, first, until);
    touchAll(store.bytes, until - first);
    unlike = compareAll(store.bytes, texts, rows, first, until, prefix, unlike);
  }
  return unlike;
}

// A loop each: V8 compiles a loop that runs long by itself, and throws that away where it ends inside another.

function findAll(
  ends: Int32Array,
  codes: Int32Array,
  rows: Int32Array,
  first: number,
  until: number,
): void {
  for (let k = first; k < until; k++) starts[k - first] = ends[codes[rows[k]!]!]!;
}

function touchAll(bytes: Uint8Array, n: number): void {
  let sum = touched;
  for (let i = 0; i < n; i++) sum ^= bytes[starts[i]!]!;
  touched = sum;
}

function compareAll(
  bytes: Uint8Array,
  { bytes: source, starts: froms, ends: untils }: TextSlices,
  rows: Int32Array,
  first: number,
  until: number,
  prefix: number,
  unlikeBefore: number,
): number {
  const [theirs, own] = [viewOf(source), viewOf(bytes)];
  let unlike = unlikeBefore;
  for (let k = first; k < until; k++) {
    const row = rows[k]!;
    const from = froms[row]!;
    let at = starts[k - first]!;
    let isSame = true;
    if (prefix !== 0) isSame = bytes[at++] === prefix;
    if (!isSame || !isEqual(theirs, from, untils[row]! - from, own, at)) rows[unlike++] = row;
  }
  return unlike;
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** Word by word; the last one reaches back, so that nothing behind the texts is read. */
function isEqual(a: DataView, from: number, length: number, b: DataView, at: number): boolean {
  if (length < WORD) {
    for (let i = 0; i < length; i++) if (a.getUint8(from + i) !== b.getUint8(at + i)) return false;
    return true;
  }
  const last = length - WORD;
  for (let i = 0; i < last; i += WORD) {
    if (a.getInt32(from + i) !== b.getInt32(at + i)) return false;
  }
  return a.getInt32(from + last) === b.getInt32(at + last);
}

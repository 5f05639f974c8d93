// The cells of a whole block as one. Questions are asked again and again, and of an hour that is over they read the
// same bytes each time: a block that was met before is not read cell by cell. By its bytes and nothing else, so
// that no change of a row can be missed. States are values, so that many may share a sum.
import type { Algebra } from "../algebra/algebra.ts";
import { BlockCursor } from "../fold/block.ts";
import { murmur2 } from "../hash/murmur2.ts";
import { stateDecoder } from "./decoded-states.ts";

export interface BlockSum {
  readonly state: unknown;
  readonly events: number;
  readonly skipped: number;
}

/** Undefined of a block without cells. Throws `corrupt_bytes` as a block's cursor does. */
export type BlockSummer = (block: Uint8Array) => BlockSum | undefined;

interface Known {
  /** Where its bytes are. */
  readonly at: number;
  readonly length: number;
  readonly sum: BlockSum | undefined;
}

/** Of one algebra; then all are forgotten. A sum is taken to be as large as its block. */
const REMEMBERED_BYTES = 2 << 20;
const FIRST_BYTES = 65_536;
const MOST_BLOCKS = 16_384;
/** Of one block: a larger one is worth more than the room of all others. */
const MOST_BYTES = 16_384;

const summers = new WeakMap<object, BlockSummer>();

/** How the algebra's blocks are summed; the same for every call. */
export function blockSummer(algebra: Algebra<never, unknown>): BlockSummer {
  const summer = summers.get(algebra) ?? newSummer(algebra);
  summers.set(algebra, summer);
  return summer;
}

function newSummer(algebra: Algebra<never, unknown>): BlockSummer {
  const known = new Map<number, Known>();
  // Side by side: what is compared next is mostly near what was compared last.
  let kept = new Uint8Array(FIRST_BYTES);
  let used = 0;
  return (block) => {
    const hash = murmur2(block);
    const found = known.get(hash);
    if (found !== undefined && holdsAt(kept, found.at, found.length, block)) return found.sum;
    const sum = sumOf(algebra, block);
    const { length } = block;
    if (length > MOST_BYTES) return sum;
    if (used + length > REMEMBERED_BYTES || known.size >= MOST_BLOCKS) {
      known.clear();
      used = 0;
    }
    if (used + length > kept.length) {
      const wider = new Uint8Array(2 * kept.length);
      wider.set(kept);
      kept = wider;
    }
    kept.set(block, used);
    known.set(hash, { at: used, length, sum });
    used += length;
    return sum;
  };
}

function holdsAt(kept: Uint8Array, at: number, length: number, block: Uint8Array): boolean {
  if (block.length !== length) return false;
  for (let i = 0; i < length; i++) if (kept[at + i] !== block[i]) return false;
  return true;
}

function sumOf(algebra: Algebra<never, unknown>, block: Uint8Array): BlockSum | undefined {
  const cells = new BlockCursor(block);
  const stateOf = stateDecoder(algebra);
  if (!cells.next()) return undefined;
  let state = stateOf(cells.block, cells.from, cells.until);
  let { events, skipped } = cells;
  while (cells.next()) {
    state = algebra.plus(state, stateOf(cells.block, cells.from, cells.until));
    events += cells.events;
    skipped += cells.skipped;
  }
  return { state, events, skipped };
}

// The cells of a whole block as one. Questions are asked again and again, and of an hour that is over they read the
// same bytes each time: a block that was met before is not read cell by cell. By its bytes and nothing else, so
// that no change of a row can be missed. States are values, so that many may share a sum.
import type { Algebra } from "../algebra/algebra.ts";
import { sameBytes } from "../codec/same-bytes.ts";
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
  readonly bytes: Uint8Array;
  readonly sum: BlockSum | undefined;
}

/** Of one algebra; then all are forgotten. A sum is taken to be as large as its block. */
const REMEMBERED_BYTES = 4 << 20;
const ENTRY_BYTES = 200;

const summers = new WeakMap<object, BlockSummer>();

/** How the algebra's blocks are summed; the same for every call. */
export function blockSummer(algebra: Algebra<never, unknown>): BlockSummer {
  const summer = summers.get(algebra) ?? newSummer(algebra);
  summers.set(algebra, summer);
  return summer;
}

function newSummer(algebra: Algebra<never, unknown>): BlockSummer {
  const known = new Map<number, Known>();
  let sizeBytes = 0;
  return (block) => {
    const hash = murmur2(block);
    const found = known.get(hash);
    if (found !== undefined && sameBytes(found.bytes, block)) return found.sum;
    const sum = sumOf(algebra, block);
    if (sizeBytes > REMEMBERED_BYTES) {
      known.clear();
      sizeBytes = 0;
    }
    sizeBytes += 2 * block.length + ENTRY_BYTES;
    // Copied: the page of a store is not to be held by one row of it.
    known.set(hash, { bytes: block.slice(), sum });
    return sum;
  };
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

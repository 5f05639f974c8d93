// Bytes for a request's records, cut from blocks that are used again: one allocation for many requests
// instead of one for each record. A log holds nothing of a record once it has accepted it
// (ports/event-log.ts, line 1), so only a request of which the log itself accepted everything gives its blocks
// back; where the spool did, the log may have been tried and still look at the bytes.
import type { TakeBytes } from "@tandem/shared-logic";

const BLOCK_BYTES = 64 * 1024;
/** Blocks that wait for the next request; more are left to the garbage collector. */
const FREE_BLOCKS = 64;

export interface RecordLease {
  /** What stands in the bytes does not matter; they may be of an earlier request. */
  readonly take: TakeBytes;
  /** Nobody looks at the bytes any more. */
  giveBack(): void;
}

export function recordSpace(blockBytes = BLOCK_BYTES, freeBlocks = FREE_BLOCKS) {
  const free: Uint8Array[] = [];
  return (): RecordLease => {
    const full: Uint8Array[] = [];
    let block: Uint8Array | undefined;
    let at = 0;
    return {
      take(sizeBytes) {
        if (sizeBytes > blockBytes) return new Uint8Array(sizeBytes);
        if (block === undefined || at + sizeBytes > blockBytes) {
          if (block !== undefined) full.push(block);
          block = free.pop() ?? new Uint8Array(blockBytes);
          at = 0;
        }
        at += sizeBytes;
        return block.subarray(at - sizeBytes, at);
      },
      giveBack() {
        if (block !== undefined) full.push(block);
        block = undefined;
        while (full.length > 0 && free.length < freeBlocks) free.push(full.pop()!);
        full.length = 0;
      },
    };
  };
}

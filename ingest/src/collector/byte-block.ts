// Bytes for records, cut from blocks: one allocation for many records instead of one for each. A block
// lives as long as any record in it, so it is for logs that let go of records once they are durable.
import type { TakeBytes } from "@tandem/shared-logic";

/** Blocks of `blockBytes`; what does not fit into the rest of one begins another. */
export function byteBlock(blockBytes: number): TakeBytes {
  let block = new Uint8Array(0);
  let at = 0;
  return (sizeBytes) => {
    if (at + sizeBytes > block.length) {
      block = new Uint8Array(Math.max(blockBytes, sizeBytes));
      at = 0;
    }
    const taken = block.subarray(at, at + sizeBytes);
    at += sizeBytes;
    return taken;
  };
}

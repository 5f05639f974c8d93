// Bytes for the records of one request, cut from one buffer: one allocation instead of one per event.
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

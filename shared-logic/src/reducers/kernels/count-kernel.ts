// Counts by slot.
import type { Kernel } from "../../algebra/kernel.ts";

export interface CountCodec {
  encode(count: number): Uint8Array;
  decode(bytes: Uint8Array): number;
}

export function countKernel(codec: CountCodec): Kernel {
  let counts = new Float64Array(64);
  return {
    grow(slots) {
      if (slots <= counts.length) return;
      const wider = new Float64Array(Math.max(slots, counts.length * 2));
      wider.set(counts);
      counts = wider;
    },
    fold(_columns, _rows, slots, n) {
      const into = counts;
      for (let i = 0; i < n; i++) into[slots[i]!]! += 1;
    },
    encode: (slot) => codec.encode(counts[slot]!),
    load(slot, bytes) {
      counts[slot] = codec.decode(bytes);
    },
    clear(slot) {
      counts[slot] = 0;
    },
  };
}

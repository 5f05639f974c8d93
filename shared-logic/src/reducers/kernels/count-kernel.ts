// Counts by slot.
import type { Kernel } from "../../algebra/kernel.ts";
import type { ByteWriter } from "../../codec/byte-writer.ts";

export interface CountCodec {
  encode(count: number): Uint8Array;
  write(count: number, out: ByteWriter): void;
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
    write: (slot, out) => codec.write(counts[slot]!, out),
    load(slot, bytes) {
      counts[slot] = codec.decode(bytes);
    },
    clear(slot) {
      counts[slot] = 0;
    },
  };
}

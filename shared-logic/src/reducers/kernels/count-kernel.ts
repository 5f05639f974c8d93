// Counts by slot.
import type { Kernel } from "../../algebra/kernel.ts";
import type { ByteWriter } from "../../codec/byte-writer.ts";
import type { EventColumns } from "../../events/event-columns.ts";

export interface CountCodec {
  encode(count: number): Uint8Array;
  write(count: number, out: ByteWriter): void;
  decode(bytes: Uint8Array): number;
}

export class CountKernel implements Kernel {
  private counts = new Float64Array(64);
  private readonly codec: CountCodec;

  constructor(codec: CountCodec) {
    this.codec = codec;
  }

  grow(slots: number): void {
    if (slots <= this.counts.length) return;
    const wider = new Float64Array(Math.max(slots, this.counts.length * 2));
    wider.set(this.counts);
    this.counts = wider;
  }
  fold(_columns: EventColumns, _rows: Uint32Array, slots: Int32Array, n: number): void {
    const { counts } = this;
    for (let i = 0; i < n; i++) counts[slots[i]!]! += 1;
  }
  rollUp(finer: Kernel, slotOf: Int32Array, n: number): void {
    if (!(finer instanceof CountKernel)) throw new TypeError("no kernel of counts");
    const { counts } = this;
    counts.fill(0);
    for (let slot = 0; slot < n; slot++) counts[slotOf[slot]!]! += finer.counts[slot]!;
  }
  encode(slot: number): Uint8Array {
    return this.codec.encode(this.counts[slot]!);
  }
  write(slot: number, out: ByteWriter): void {
    this.codec.write(this.counts[slot]!, out);
  }
  load(slot: number, bytes: Uint8Array): void {
    this.counts[slot] = this.codec.decode(bytes);
  }
  clear(slot: number): void {
    this.counts[slot] = 0;
  }
}

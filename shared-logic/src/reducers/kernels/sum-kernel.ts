// Sums by slot, exact beyond 2^53.
import type { Kernel } from "../../algebra/kernel.ts";
import { DECIMAL_BIG, DECIMAL_OK, type EventColumns } from "../../events/event-columns.ts";
import type { Selector } from "../../metrics/selector.ts";
import { unitsColumn } from "../units.ts";
import { ExactSums } from "./exact-sums.ts";

export interface SumCodec {
  encode(units: bigint): Uint8Array;
  decode(bytes: Uint8Array): bigint;
}

export class SumKernel implements Kernel {
  private readonly sums = new ExactSums();
  private readonly selector: Selector;
  private readonly codec: SumCodec;

  constructor(selector: Selector, codec: SumCodec) {
    this.selector = selector;
    this.codec = codec;
  }

  grow(slots: number): void {
    this.sums.grow(slots);
  }
  fold(
    columns: EventColumns,
    rows: Uint32Array,
    slots: Int32Array,
    n: number,
    skipped: Float64Array,
  ): void {
    const { sums } = this;
    const { units, status, big } = unitsColumn(this.selector, columns);
    for (let i = 0; i < n; i++) {
      const [row, slot] = [rows[i]!, slots[i]!];
      const is = status[row]!;
      if (is === DECIMAL_OK) sums.add(slot, units[row]!);
      else if (is === DECIMAL_BIG) sums.addBig(slot, big.get(row) ?? 0n);
      else skipped[slot]! += 1;
    }
  }
  rollUp(finer: Kernel, slotOf: Int32Array, n: number): void {
    if (!(finer instanceof SumKernel)) throw new TypeError("no kernel of sums");
    this.sums.addUp(finer.sums, slotOf, n);
  }
  encode(slot: number): Uint8Array {
    return this.codec.encode(this.sums.get(slot));
  }
  load(slot: number, bytes: Uint8Array): void {
    this.sums.set(slot, this.codec.decode(bytes));
  }
  clear(slot: number): void {
    this.sums.clear(slot);
  }
}

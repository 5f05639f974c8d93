// Sums by slot, exact beyond 2^53.
import type { Kernel } from "../../algebra/kernel.ts";
import { DECIMAL_BIG, DECIMAL_OK } from "../../events/event-columns.ts";
import type { Selector } from "../../metrics/selector.ts";
import { unitsColumn } from "../units.ts";
import { ExactSums } from "./exact-sums.ts";

export interface SumCodec {
  encode(units: bigint): Uint8Array;
  decode(bytes: Uint8Array): bigint;
}

export function sumKernel(selector: Selector, codec: SumCodec): Kernel {
  const sums = new ExactSums();
  return {
    grow: (slots) => sums.grow(slots),
    fold(columns, rows, slots, n, skipped) {
      const { units, status, big } = unitsColumn(selector, columns);
      for (let i = 0; i < n; i++) {
        const [row, slot] = [rows[i]!, slots[i]!];
        const is = status[row]!;
        if (is === DECIMAL_OK) sums.add(slot, units[row]!);
        else if (is === DECIMAL_BIG) sums.addBig(slot, big.get(row) ?? 0n);
        else skipped[slot]! += 1;
      }
    },
    encode: (slot) => codec.encode(sums.get(slot)),
    load: (slot, bytes) => sums.set(slot, codec.decode(bytes)),
    clear: (slot) => sums.clear(slot),
  };
}

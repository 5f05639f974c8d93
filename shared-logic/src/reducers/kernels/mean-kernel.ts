// Sums and counts by slot.
import type { Kernel } from "../../algebra/kernel.ts";
import { DECIMAL_BIG, DECIMAL_OK } from "../../events/event-columns.ts";
import type { Selector } from "../../metrics/selector.ts";
import { unitsColumn } from "../units.ts";
import { ExactSums } from "./exact-sums.ts";

interface SumAndCount {
  readonly units: bigint;
  readonly count: number;
}

export interface MeanCodec {
  encode(state: SumAndCount): Uint8Array;
  decode(bytes: Uint8Array): SumAndCount;
}

export function meanKernel(selector: Selector, codec: MeanCodec): Kernel {
  const sums = new ExactSums();
  let counts = new Float64Array(64);
  return {
    grow(slots) {
      sums.grow(slots);
      if (slots <= counts.length) return;
      const wider = new Float64Array(Math.max(slots, counts.length * 2));
      wider.set(counts);
      counts = wider;
    },
    fold(columns, rows, slots, n, skipped) {
      const { units, status, big } = unitsColumn(selector, columns);
      for (let i = 0; i < n; i++) {
        const [row, slot] = [rows[i]!, slots[i]!];
        const is = status[row]!;
        if (is === DECIMAL_OK) sums.add(slot, units[row]!);
        else if (is === DECIMAL_BIG) sums.addBig(slot, big.get(row) ?? 0n);
        else {
          skipped[slot]! += 1;
          continue;
        }
        counts[slot]! += 1;
      }
    },
    encode: (slot) => codec.encode({ units: sums.get(slot), count: counts[slot]! }),
    load(slot, bytes) {
      const state = codec.decode(bytes);
      sums.set(slot, state.units);
      counts[slot] = state.count;
    },
    clear(slot) {
      sums.clear(slot);
      counts[slot] = 0;
    },
  };
}

// The reference kernel: one state of the algebra per slot, items appended one by one. Any faster
// kernel is tested against it.
import type { EventColumns } from "../events/event-columns.ts";
import type { Algebra } from "./algebra.ts";
import type { Kernel } from "./kernel.ts";

export function genericKernel<Item, State>(
  algebra: Algebra<Item, State>,
  items: (columns: EventColumns) => (row: number) => Item | undefined,
): Kernel {
  const states: State[] = [];
  const at = (slot: number): State => {
    const state = states[slot];
    if (state === undefined) throw new RangeError(`no slot ${slot}`);
    return state;
  };
  return {
    grow(slots) {
      while (states.length < slots) states.push(algebra.zero);
    },
    fold(columns, rows, slots, n, skipped) {
      const itemOf = items(columns);
      for (let i = 0; i < n; i++) {
        const slot = slots[i]!;
        const item = itemOf(rows[i]!);
        if (item === undefined) skipped[slot]! += 1;
        else states[slot] = algebra.append(at(slot), item);
      }
    },
    encode: (slot) => algebra.encode(at(slot)),
    load(slot, bytes) {
      states[slot] = algebra.decode(bytes);
    },
    clear(slot) {
      states[slot] = algebra.zero;
    },
  };
}

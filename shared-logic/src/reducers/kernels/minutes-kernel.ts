// Counts of minutes by slot. A slot is mostly one cell of one minute, so the last minute's count is kept at hand.
import type { Algebra } from "../../algebra/algebra.ts";
import type { Kernel } from "../../algebra/kernel.ts";
import { MINUTE_MS } from "../../time/epoch-ms.ts";
import { type CountedNumbers, countedOf, NO_NUMBERS, plusCounted } from "../counted-numbers.ts";

interface Slot {
  minute: number;
  count: number;
  /** What other minutes have. */
  others: CountedNumbers;
}

const zero = (): Slot => ({ minute: 0, count: 0, others: NO_NUMBERS });

/** Everything of the slot. */
const whole = ({ minute, count, others }: Slot): CountedNumbers =>
  count === 0 ? others : plusCounted(others, countedOf([[BigInt(minute), count]]));

export function minutesKernel(algebra: Algebra<bigint, CountedNumbers>): Kernel {
  const slots: Slot[] = [];
  const at = (slot: number): Slot => {
    const found = slots[slot];
    if (found === undefined) throw new RangeError(`no slot ${slot}`);
    return found;
  };
  return {
    grow(count) {
      while (slots.length < count) slots.push(zero());
    },
    fold(columns, rows, slotOf, n) {
      const { timeMs } = columns;
      for (let i = 0; i < n; i++) {
        const slot = at(slotOf[i] ?? 0);
        const minute = Math.floor((timeMs[rows[i] ?? 0] ?? 0) / MINUTE_MS);
        if (minute !== slot.minute) {
          slot.others = whole(slot);
          slot.minute = minute;
          slot.count = 0;
        }
        slot.count++;
      }
    },
    encode: (slot) => algebra.encode(whole(at(slot))),
    load(slot, bytes) {
      slots[slot] = { ...zero(), others: algebra.decode(bytes) };
    },
    clear(slot) {
      slots[slot] = zero();
    },
  };
}

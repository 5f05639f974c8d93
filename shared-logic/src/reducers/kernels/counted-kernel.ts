// Multisets of units by slot: what quantile keeps, exactly or by buckets.
import type { Kernel } from "../../algebra/kernel.ts";
import { DECIMAL_BIG, DECIMAL_OK } from "../../events/event-columns.ts";
import type { Selector } from "../../metrics/selector.ts";
import { type CountedNumbers, countedOf } from "../counted-numbers.ts";
import { unitsColumn } from "../units.ts";

export interface CountedCodec {
  keyOf(units: number): number;
  keyOfBig(units: bigint): bigint;
  encode(state: CountedNumbers): Uint8Array;
  decode(bytes: Uint8Array): CountedNumbers;
}

interface Slot {
  readonly small: Map<number, number>;
  readonly big: Map<bigint, number>;
}

export function countedKernel(selector: Selector, codec: CountedCodec): Kernel {
  const slots: Slot[] = [];
  const at = (slot: number): Slot => {
    const found = slots[slot];
    if (found === undefined) throw new RangeError(`no slot ${slot}`);
    return found;
  };
  const empty = (): Slot => ({ small: new Map(), big: new Map() });
  const addBig = ({ small, big }: Slot, key: bigint, count: number): void => {
    const n = Number(key);
    if (Number.isSafeInteger(n)) small.set(n, (small.get(n) ?? 0) + count);
    else big.set(key, (big.get(key) ?? 0) + count);
  };
  return {
    grow(count) {
      while (slots.length < count) slots.push(empty());
    },
    fold(columns, rows, slotOf, n, skipped) {
      const { units, status, big } = unitsColumn(selector, columns);
      for (let i = 0; i < n; i++) {
        const [row, slot] = [rows[i]!, slotOf[i]!];
        const is = status[row]!;
        if (is === DECIMAL_OK) {
          const { small } = at(slot);
          const key = codec.keyOf(units[row]!);
          small.set(key, (small.get(key) ?? 0) + 1);
        } else if (is === DECIMAL_BIG) addBig(at(slot), codec.keyOfBig(big.get(row) ?? 0n), 1);
        else skipped[slot]! += 1;
      }
    },
    encode(slot) {
      const { small, big } = at(slot);
      const entries: [bigint, number][] = [...big];
      for (const [key, count] of small) entries.push([BigInt(key), count]);
      return codec.encode(countedOf(entries));
    },
    load(slot, bytes) {
      const into = empty();
      const { keys, counts } = codec.decode(bytes);
      for (const [i, key] of keys.entries()) addBig(into, key, counts[i] ?? 0);
      slots[slot] = into;
    },
    clear(slot) {
      slots[slot] = empty();
    },
  };
}

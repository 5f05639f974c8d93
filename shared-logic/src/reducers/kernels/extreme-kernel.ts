// The smallest or largest units by slot: a double for those within 2^53, beside it a bigint for those
// beyond; encode takes the better of the two.
import type { Kernel } from "../../algebra/kernel.ts";
import { DECIMAL_BIG, DECIMAL_OK } from "../../events/event-columns.ts";
import type { Selector } from "../../metrics/selector.ts";
import { unitsColumn } from "../units.ts";

export interface ExtremeCodec {
  encode(units: bigint | null): Uint8Array;
  decode(bytes: Uint8Array): bigint | null;
  better(a: bigint | null, b: bigint | null): bigint | null;
  /** 1 for the smallest, -1 for the largest. */
  readonly sign: 1 | -1;
}

export function extremeKernel(selector: Selector, codec: ExtremeCodec): Kernel {
  const { sign } = codec;
  // Signed so that less is better; Infinity where there is nothing.
  let best = new Float64Array(64).fill(Number.POSITIVE_INFINITY);
  const bigs = new Map<number, bigint>();
  const offer = (slot: number, units: bigint): void => {
    bigs.set(slot, codec.better(bigs.get(slot) ?? null, units) ?? units);
  };
  const clear = (slot: number): void => {
    best[slot] = Number.POSITIVE_INFINITY;
    bigs.delete(slot);
  };
  return {
    grow(slots) {
      if (slots <= best.length) return;
      const wider = new Float64Array(Math.max(slots, best.length * 2));
      wider.fill(Number.POSITIVE_INFINITY, best.length);
      wider.set(best);
      best = wider;
    },
    fold(columns, rows, slots, n, skipped) {
      const { units, status, big } = unitsColumn(selector, columns);
      for (let i = 0; i < n; i++) {
        const [row, slot] = [rows[i]!, slots[i]!];
        const is = status[row]!;
        if (is === DECIMAL_OK) {
          const signed = sign * units[row]!;
          if (signed < best[slot]!) best[slot] = signed;
        } else if (is === DECIMAL_BIG) offer(slot, big.get(row) ?? 0n);
        else skipped[slot]! += 1;
      }
    },
    encode(slot) {
      const number = best[slot]!;
      const small = number === Number.POSITIVE_INFINITY ? null : BigInt(sign * number);
      return codec.encode(codec.better(small, bigs.get(slot) ?? null));
    },
    load(slot, bytes) {
      clear(slot);
      const units = codec.decode(bytes);
      if (units !== null) offer(slot, units);
    },
    clear,
  };
}

// Two kernels side by side: each row goes to the sides it belongs to, or, where one of these cannot read it, to
// none and is skipped.
import { genericKernel } from "../../algebra/generic-kernel.ts";
import type { Kernel } from "../../algebra/kernel.ts";
import type { AnyReducer } from "../../algebra/reducer.ts";
import type { ByteReader } from "../../codec/byte-reader.ts";
import type { EventColumns } from "../../events/event-columns.ts";
import { conditionMask } from "../../fold/condition-mask.ts";
import type { Condition } from "../../metrics/selector.ts";

export interface PairSide {
  readonly reducer: AnyReducer;
  readonly where?: Condition;
}

export interface PairCodec {
  encode(a: Uint8Array, b: Uint8Array): Uint8Array;
  /** A reader at the first of the two. */
  read(bytes: Uint8Array): ByteReader;
}

const kernelOf = ({ reducer }: PairSide, side: "exact" | "approx"): Kernel =>
  reducer.kernels?.[side]?.() ??
  genericKernel(reducer[side] as never, (columns) => reducer.items(columns));

/** 1 for rows that a side takes part in, 2 where it cannot read them. */
function ruling({ reducer, where }: PairSide, columns: EventColumns): (row: number) => number {
  const mask = where && conditionMask(where, columns);
  if (reducer.skipsNothing) return (row) => (mask?.[row] === 0 ? 0 : 1);
  const item = reducer.items(columns);
  return (row) => (mask?.[row] === 0 ? 0 : item(row) === undefined ? 2 : 1);
}

export function pairKernel(
  a: PairSide,
  b: PairSide,
  side: "exact" | "approx",
  codec: PairCodec,
): Kernel {
  const kernels = [kernelOf(a, side), kernelOf(b, side)] as const;
  let rowsOf: [Uint32Array, Uint32Array] = [new Uint32Array(0), new Uint32Array(0)];
  let slotsOf: [Int32Array, Int32Array] = [new Int32Array(0), new Int32Array(0)];
  return {
    grow(slots) {
      for (const kernel of kernels) kernel.grow(slots);
    },
    fold(columns, rows, slots, n, skipped) {
      if (rowsOf[0].length < n) {
        rowsOf = [new Uint32Array(n), new Uint32Array(n)];
        slotsOf = [new Int32Array(n), new Int32Array(n)];
      }
      const rulings = [ruling(a, columns), ruling(b, columns)] as const;
      const used: [number, number] = [0, 0];
      for (let i = 0; i < n; i++) {
        const [row, slot] = [rows[i]!, slots[i]!];
        const [isA, isB] = [rulings[0](row), rulings[1](row)];
        if (isA === 2 || isB === 2) {
          skipped[slot]! += 1;
          continue;
        }
        for (const which of [0, 1] as const) {
          if ((which === 0 ? isA : isB) === 0) continue;
          rowsOf[which][used[which]] = row;
          slotsOf[which][used[which]++] = slot;
        }
      }
      for (const which of [0, 1] as const)
        kernels[which].fold(columns, rowsOf[which], slotsOf[which], used[which], skipped);
    },
    encode: (slot) => codec.encode(kernels[0].encode(slot), kernels[1].encode(slot)),
    load(slot, bytes) {
      const reader = codec.read(bytes);
      for (const kernel of kernels) kernel.load(slot, reader.bytes());
      reader.end();
    },
    clear(slot) {
      for (const kernel of kernels) kernel.clear(slot);
    },
  };
}

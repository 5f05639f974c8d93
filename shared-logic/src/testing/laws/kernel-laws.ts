// What a kernel owes its algebra (algebra/kernel.ts): folding columns into slots equals appending row by
// row, byte for byte, through load and clear, and across an interner that was reset.
import type { Algebra } from "../../algebra/algebra.ts";
import { compareDecimal, type Decimal } from "../../algebra/decimal.ts";
import type { Kernel } from "../../algebra/kernel.ts";
import { sameBytes } from "../../codec/same-bytes.ts";
import type { EventColumns } from "../../events/event-columns.ts";
import type { Interner } from "../../events/interner.ts";
import { below, type Random } from "../../ports/random.ts";
import type { EpochMs } from "../../time/epoch-ms.ts";
import { columnsOf, type PlainEvent } from "../columns-of.ts";

export type ItemsOf<I> = (columns: EventColumns) => (row: number) => I | undefined;

/** What `Reducer.skipsNothing` says. */
export const everyRowHasItem = <I>(
  itemsOf: ItemsOf<I>,
  batches: readonly (readonly PlainEvent[])[],
): boolean =>
  batches.every((events) => {
    const itemOf = itemsOf(columnsOf(events));
    return events.every((_, row) => itemOf(row) !== undefined);
  });

/** One state and one count of skipped rows per slot, kept the plain way. */
interface Plain<S> {
  readonly states: S[];
  readonly skipped: number[];
}

/** Folds batches of events into up to `slots` slots of a kernel and of plain states, and compares. */
export function kernelEqualsAppend<I, S>(
  make: () => Kernel,
  A: Algebra<I, S>,
  itemsOf: ItemsOf<I>,
  batches: readonly (readonly PlainEvent[])[],
  slots: number,
  random: Random,
): boolean {
  let kernel = make();
  const skipped = new Float64Array(slots);
  const plain: Plain<S> = { states: [], skipped: [] };
  const interners = new Map<string, Interner>();
  for (const [i, events] of batches.entries()) {
    // Cells come up as events do: later batches have more slots.
    const there = Math.max(1, Math.floor((slots * (i + 1)) / batches.length));
    kernel.grow(there);
    while (plain.states.length < there) {
      plain.states.push(A.zero);
      plain.skipped.push(0);
    }
    const columns = columnsOf(events, { interners });
    foldBatch(kernel, A, itemsOf, columns, plain, skipped, random);
    if (!agree(kernel, A, plain, skipped)) return false;
    const turn = below(random, 4);
    if (turn === 0) for (const interner of interners.values()) interner.reset();
    if (turn === 1) {
      const slot = below(random, there);
      kernel.clear(slot);
      plain.states[slot] = A.zero;
    }
    if (turn === 2) kernel = moved(kernel, make, there);
    if (!agree(kernel, A, plain, skipped)) return false;
  }
  return true;
}

function foldBatch<I, S>(
  kernel: Kernel,
  A: Algebra<I, S>,
  itemsOf: ItemsOf<I>,
  columns: EventColumns,
  plain: Plain<S>,
  skipped: Float64Array,
  random: Random,
): void {
  const n = columns.count;
  // Longer than n, as a caller's reused arrays are; some rows are left out.
  const rows = new Uint32Array(n + 3);
  const slots = new Int32Array(n + 3);
  let used = 0;
  for (let row = 0; row < n; row++) {
    if (below(random, 10) === 0) continue;
    rows[used] = row;
    slots[used++] = below(random, plain.states.length);
  }
  kernel.fold(columns, rows, slots, used, skipped);
  const itemOf = itemsOf(columns);
  for (let i = 0; i < used; i++) {
    const slot = slots[i]!;
    const item = itemOf(rows[i]!);
    if (item === undefined) plain.skipped[slot]! += 1;
    else plain.states[slot] = A.append(plain.states[slot] as S, item);
  }
}

/** Every slot encoded and loaded into a fresh kernel, over what stood there before. */
function moved(from: Kernel, make: () => Kernel, slots: number): Kernel {
  const to = make();
  to.grow(slots);
  for (let slot = 0; slot < slots; slot++) to.load(slots - 1 - slot, from.encode(slot));
  for (let slot = 0; slot < slots; slot++) to.load(slot, from.encode(slot));
  return to;
}

function agree<I, S>(
  kernel: Kernel,
  A: Algebra<I, S>,
  plain: Plain<S>,
  skipped: Float64Array,
): boolean {
  return plain.states.every(
    (state, slot) =>
      skipped[slot] === plain.skipped[slot] &&
      presentsAlike(kernel, A, slot, state) &&
      sameBytes(kernel.encode(slot), A.encode(state)),
  );
}

const WINDOW = { from: 0 as EpochMs, until: 1 as EpochMs };

/** Where a kernel presents a slot itself, it says what the algebra says. */
function presentsAlike<I, S>(kernel: Kernel, A: Algebra<I, S>, slot: number, state: S): boolean {
  const context = { window: WINDOW, events: 1000 };
  const [shown, wanted] = [kernel.present?.(slot, context), A.present(state, context)];
  if (!shown) return true;
  const same = (a: Decimal | null, b: Decimal | null): boolean =>
    a === null || b === null ? a === b : compareDecimal(a, b) === 0;
  return (
    same(shown.value, wanted.value) &&
    same(shown.low, wanted.low) &&
    same(shown.high, wanted.high) &&
    shown.confidence === wanted.confidence
  );
}

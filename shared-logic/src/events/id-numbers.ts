// Gives every distinct event id a small whole number, and keeps no more of it than tells it from others: of a UUID
// written in small letters its 128 bits (kernels/id-kernel.ts), of any other text, or without a kernel, the text.
import type { FieldColumn } from "./event-columns.ts";
import { NO_TEXT } from "./event-columns.ts";
import { Interner } from "./interner.ts";
import { IdKernel, OTHER_ID } from "./kernels/id-kernel.ts";
import { chosenKernels } from "./kernels/kernel-choice.ts";
import type { TextSlices } from "./text-slices.ts";

export class IdNumbers {
  /** Numbers are 0 … size − 1. */
  size = 0;
  private readonly kernel: IdKernel | undefined;
  /** The texts that the kernel does not know. */
  private readonly others = new Interner();
  /** By code of those, their numbers. */
  private otherNumbers = new Int32Array(64);
  private numbers = new Int32Array(0);

  /** `expected`: how many ids may come; it need not be so. */
  constructor(expected = 0) {
    this.kernel = chosenKernels() === "fast" ? IdKernel.create(expected) : undefined;
  }

  /** The number of each row's id, NO_TEXT where it has none: valid until the next call. */
  of(column: FieldColumn, count: number): Int32Array {
    if (this.numbers.length < count) this.numbers = new Int32Array(count);
    if (column.eachSlices) column.eachSlices((slices, row, rows) => this.take(slices, row, rows));
    else this.take(slicesOfCodes(column, count), 0, count);
    return this.numbers;
  }

  /** Its memory is for the next one; there are no numbers any more. */
  release(): void {
    this.kernel?.release();
  }

  private take(slices: TextSlices, row: number, rows: number): void {
    const numbers = this.numbers.subarray(row, row + rows);
    const { kernel } = this;
    if (kernel) {
      const { fresh, others } = kernel.number(slices, rows, numbers, this.size);
      this.size += fresh;
      if (others === 0) return;
    }
    const { bytes, starts, ends } = slices;
    for (let i = 0; i < rows; i++) {
      if (kernel && numbers[i] !== OTHER_ID) continue;
      const [start, end] = [starts[i]!, ends[i]!];
      numbers[i] = start < 0 ? NO_TEXT : this.ofOther(bytes, start, end);
    }
  }

  private ofOther(bytes: Uint8Array, start: number, end: number): number {
    const known = this.others.size;
    const code = this.others.intern(bytes, start, end);
    if (code < known) return this.otherNumbers[code]!;
    if (code >= this.otherNumbers.length) {
      const wider = new Int32Array(2 * code);
      wider.set(this.otherNumbers);
      this.otherNumbers = wider;
    }
    this.otherNumbers[code] = this.size;
    return this.size++;
  }
}

/** Of a column that gave its texts codes: where they stand in its store. */
function slicesOfCodes(column: FieldColumn, count: number): TextSlices {
  const codes = column.codes();
  const store = column.interner.hold();
  const [starts, ends] = [new Int32Array(count), new Int32Array(count)];
  for (let row = 0; row < count; row++) {
    const code = codes[row]!;
    starts[row] = code === NO_TEXT ? -1 : store.ends[code]!;
    ends[row] = code === NO_TEXT ? -1 : store.ends[code + 1]!;
  }
  return { bytes: store.bytes, starts, ends };
}

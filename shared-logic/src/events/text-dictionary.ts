// Codes of a text that stands in record headers (tenant, event type), written row by row.
import { DictionaryColumn } from "./dictionary-column.ts";
import { NO_TEXT } from "./event-columns.ts";
import { Interner } from "./interner.ts";
import { type EventKernel, PENDING, ROW_GOOD } from "./kernels/event-kernel.ts";
import { type InternerLimit, limitInterner } from "./slice-column.ts";

export class TextDictionary {
  private readonly interner = new Interner();
  private codes = new Int32Array(0);
  readonly column = new DictionaryColumn(this.interner, this.codes, 0);

  begin(count: number, limit: InternerLimit): void {
    limitInterner(this.interner, limit);
    if (this.codes.length < count) {
      this.codes = new Int32Array(Math.max(count, 2 * this.codes.length));
    }
  }

  put(row: number, bytes: Uint8Array, from: number, until: number): void {
    this.codes[row] = this.interner.intern(bytes, from, until);
  }

  /** Takes rows [row, row + count) of a kernel's slot that are good; how many are PENDING, as the caller is to `put` them. */
  take(kernel: EventKernel, slot: number, row: number, count: number, bytes: Uint8Array): number {
    return kernel.intern(slot, count, bytes, this.interner, this.codes, row, ROW_GOOD);
  }

  isPending(row: number): boolean {
    return this.codes[row] === PENDING;
  }

  /** The same text for rows [row, row + count). */
  repeat(row: number, count: number, text: Uint8Array): void {
    this.codes.fill(this.interner.intern(text, 0, text.length), row, row + count);
  }

  none(row: number): void {
    this.codes[row] = NO_TEXT;
  }

  end(count: number): void {
    this.column.begin(this.codes, count);
  }
}

// Codes of a text that stands in record headers (tenant, event type), written row by row.
import { DictionaryColumn } from "./dictionary-column.ts";
import { NO_TEXT } from "./event-columns.ts";
import { Interner } from "./interner.ts";
import { type InternerLimit, limitInterner } from "./slice-column.ts";

export class TextDictionary {
  private readonly interner = new Interner();
  private codes = new Int32Array(0);
  readonly column = new DictionaryColumn(this.interner, this.codes, 0);
  private lastFrom = 0;
  private lastUntil = 0;
  private lastCode = NO_TEXT;

  begin(count: number, limit: InternerLimit): void {
    limitInterner(this.interner, limit);
    this.lastCode = NO_TEXT;
    if (this.codes.length < count) {
      this.codes = new Int32Array(Math.max(count, 2 * this.codes.length));
    }
  }

  put(row: number, bytes: Uint8Array, from: number, until: number): void {
    this.codes[row] = this.interner.intern(bytes, from, until);
  }

  /** Like `put`, quick where the text is that of the call before, of the same batch and bytes. */
  putRun(row: number, bytes: Uint8Array, from: number, until: number): void {
    if (this.lastCode === NO_TEXT || !this.isLast(bytes, from, until)) {
      this.lastCode = this.interner.intern(bytes, from, until);
      this.lastFrom = from;
      this.lastUntil = until;
    }
    this.codes[row] = this.lastCode;
  }

  none(row: number): void {
    this.codes[row] = NO_TEXT;
  }

  end(count: number): void {
    this.column.begin(this.codes, count);
  }

  private isLast(bytes: Uint8Array, from: number, until: number): boolean {
    if (until - from !== this.lastUntil - this.lastFrom) return false;
    for (let i = from, j = this.lastFrom; i < until; i++, j++) {
      if (bytes[i] !== bytes[j]) return false;
    }
    return true;
  }
}

// The values of one group of scalars over an object's rows, and what their column is to be like, decided on
// a sample of them: equal records, equal decisions.
import { Interner } from "@tandem/shared-logic";

const SAMPLE = 4096;
/** Fewer values are not worth a second column. */
const SPLIT_ROWS = 64;

export interface Decision {
  /** All values are the same one: it stands in the shapes. */
  readonly constant: boolean;
  /** As a dictionary's entries; else one behind the other. */
  readonly dictionary: boolean;
  /** Texts of few beginnings with many numbers behind them, such as paths with ids: two columns. */
  readonly split: boolean;
}

export class ScalarValues {
  count = 0;
  rows = new Int32Array(64);
  /** Without quotes: bytes[starts[i], ends[i]). */
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  sizeBytes = 0;

  add(row: number, start: number, end: number): void {
    if (this.count === this.rows.length) {
      this.rows = wider(this.rows);
      this.starts = wider(this.starts);
      this.ends = wider(this.ends);
    }
    this.rows[this.count] = row;
    this.starts[this.count] = start;
    this.ends[this.count++] = end;
    this.sizeBytes += end - start;
  }

  decide(bytes: Uint8Array): Decision {
    if (this.isConstant(bytes)) return { constant: true, dictionary: true, split: false };
    const n = Math.min(SAMPLE, this.count);
    const [whole, stems] = [new Interner(), new Interner()];
    let digits = 0;
    for (let i = 0; i < n; i++) {
      const [start, end] = [this.starts[i]!, this.ends[i]!];
      const tail = digitsFrom(bytes, start, end);
      whole.intern(bytes, start, end);
      stems.intern(bytes, start, tail);
      digits += end - tail;
    }
    const few = 2 * whole.size <= n;
    const split =
      !few && n >= SPLIT_ROWS && 16 * stems.size <= n && stems.sizeBytes > 0 && digits >= 2 * n;
    return { constant: false, dictionary: few, split };
  }

  private isConstant(bytes: Uint8Array): boolean {
    const [from, until] = [this.starts[0]!, this.ends[0]!];
    for (let i = 1; i < this.count; i++) {
      const start = this.starts[i]!;
      if (this.ends[i]! - start !== until - from) return false;
      for (let a = from, b = start; a < until; a++, b++) if (bytes[a] !== bytes[b]) return false;
    }
    return true;
  }
}

/** Where the digits begin that a text ends with. */
export function digitsFrom(bytes: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && bytes[i - 1]! >= 0x30 && bytes[i - 1]! <= 0x39) i--;
  return i;
}

function wider(values: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const out = new Int32Array(values.length * 2);
  out.set(values);
  return out;
}

// The values of a dictionary or of a page, each interned once per prefix that rows put in front of it.
import { type Interner, NO_TEXT } from "@tandem/shared-logic";
import { corrupt } from "./corrupt.ts";

/** Not interned yet. */
const UNKNOWN = -2;

export class PrefixedEntries {
  private readonly bytes: Uint8Array;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private readonly count: number;
  private readonly prefixes: Uint8Array;
  /** By kind, the code of each entry. */
  private readonly codes: Int32Array[];

  constructor(
    bytes: Uint8Array,
    starts: Int32Array,
    ends: Int32Array,
    count: number,
    prefixes: Uint8Array,
  ) {
    this.bytes = bytes;
    this.starts = starts;
    this.ends = ends;
    this.count = count;
    this.prefixes = prefixes;
    this.codes = Array.from(prefixes, (prefix) =>
      new Int32Array(count).fill(prefix === 0 ? NO_TEXT : UNKNOWN),
    );
  }

  /** Turns the entry of each row into its code; a row of a kind without prefix has none. */
  toCodes(rows: Int32Array, kinds: Uint8Array, interner: Interner): void {
    const { count } = this;
    for (let row = 0; row < rows.length; row++) {
      if (rows[row]! >= count) throw corrupt("index beyond the dictionary");
    }
    for (const [kind, codes] of this.codes.entries()) {
      this.internUsed(rows, kinds, kind, codes, interner);
    }
    for (let row = 0; row < rows.length; row++) {
      const entry = rows[row]!;
      rows[row] = entry < 0 ? NO_TEXT : (this.codes[kinds[row]!]?.[entry] ?? NO_TEXT);
    }
  }

  private internUsed(
    rows: Int32Array,
    kinds: Uint8Array,
    kind: number,
    codes: Int32Array,
    interner: Interner,
  ): void {
    const used = new Int32Array(Math.min(this.count, rows.length));
    let n = 0;
    for (let row = 0; row < rows.length; row++) {
      const entry = rows[row]!;
      if (entry < 0 || kinds[row] !== kind || codes[entry] !== UNKNOWN) continue;
      codes[entry] = NO_TEXT;
      used[n++] = entry;
    }
    if (n === 0) return;
    const [starts, ends] = [new Int32Array(n), new Int32Array(n)];
    for (let i = 0; i < n; i++) {
      starts[i] = this.starts[used[i]!]!;
      ends[i] = this.ends[used[i]!]!;
    }
    const found = new Int32Array(n);
    interner.internAll({ bytes: this.bytes, starts, ends }, n, found, this.prefixes[kind]!);
    for (let i = 0; i < n; i++) codes[used[i]!] = found[i]!;
  }
}

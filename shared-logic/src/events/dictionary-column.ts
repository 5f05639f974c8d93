// A path's values as codes of a dictionary, where the producer has them so already: header texts, and
// dictionary-encoded columns of an archive. Arrays belong to whoever made the column.
import { DecimalColumns, type ReadUnits } from "./decimal-columns.ts";
import {
  DECIMAL_MISSING,
  DECIMAL_NOT_A_NUMBER,
  type DecimalColumn,
  FIELD_ABSENT,
  FIELD_NULL,
  FIELD_NUMBER,
  FIELD_TEXT,
  type FieldColumn,
  NO_TEXT,
} from "./event-columns.ts";
import type { Interner } from "./interner.ts";
import { parseUnits } from "./scanner/number-text.ts";

export class DictionaryColumn implements FieldColumn {
  readonly interner: Interner;
  private codeOf: Int32Array;
  private kindOf: Uint8Array;
  private count: number;
  private hashOf = new Uint32Array(0);
  private hasHashes = false;
  private hasKinds = false;
  private readonly decimalColumns = new DecimalColumns();
  private readonly readUnits: ReadUnits = (row, scale, out) => {
    const kind = this.kinds[row]!;
    if (kind !== FIELD_NUMBER) return kind <= FIELD_NULL ? DECIMAL_MISSING : DECIMAL_NOT_A_NUMBER;
    const utf8 = this.interner.utf8(this.codeOf[row]!);
    return parseUnits(utf8, 0, utf8.length, scale, out);
  };

  /** `kinds`: absent where every code is of a string and NO_TEXT stands for an absent value. */
  constructor(interner: Interner, codes: Int32Array, count: number, kinds?: Uint8Array) {
    this.interner = interner;
    this.codeOf = codes;
    this.kindOf = new Uint8Array(0);
    this.count = 0;
    this.begin(codes, count, kinds);
  }

  /** Takes the next batch; what was derived from the one before is void. */
  begin(codes: Int32Array, count: number, kinds?: Uint8Array): void {
    this.codeOf = codes;
    this.count = count;
    this.hasHashes = false;
    this.decimalColumns.next();
    this.hasKinds = kinds !== undefined;
    if (kinds) this.kindOf = kinds;
  }

  get kinds(): Uint8Array {
    if (this.hasKinds) return this.kindOf;
    const { codeOf, count } = this;
    if (this.kindOf.length < count) this.kindOf = new Uint8Array(codeOf.length);
    for (let row = 0; row < count; row++) {
      this.kindOf[row] = codeOf[row] === NO_TEXT ? FIELD_ABSENT : FIELD_TEXT;
    }
    this.hasKinds = true;
    return this.kindOf;
  }

  codes(): Int32Array {
    return this.codeOf;
  }

  hashes(): Uint32Array {
    if (this.hasHashes) return this.hashOf;
    if (this.hashOf.length < 2 * this.count) this.hashOf = new Uint32Array(2 * this.codeOf.length);
    const { hashOf, codeOf } = this;
    const { hashes } = this.interner;
    for (let row = 0; row < this.count; row++) {
      const code = codeOf[row]!;
      hashOf[2 * row] = code < 0 ? 0 : hashes[2 * code]!;
      hashOf[2 * row + 1] = code < 0 ? 0 : hashes[2 * code + 1]!;
    }
    this.hasHashes = true;
    return hashOf;
  }

  decimals(scale: number): DecimalColumn {
    return this.decimalColumns.get(scale, this.count, this.readUnits);
  }

  text(row: number): string | undefined {
    const code = this.codeOf[row]!;
    return code < 0 ? undefined : this.interner.text(code);
  }
}

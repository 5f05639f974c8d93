// A column of texts that differ from row to row, which get codes only if somebody asks for them: who only wants the
// bytes takes `textSlices`.
import type { DictionaryColumn } from "./dictionary-column.ts";
import type { DecimalColumn, FieldColumn, TextSlices } from "./event-columns.ts";
import type { Interner } from "./interner.ts";

export class LateColumn implements FieldColumn {
  readonly interner: Interner;
  /** Read anew each time: slices are wide, and asked for once. */
  readonly textSlices: () => TextSlices;
  private readonly read: () => DictionaryColumn;
  private made: DictionaryColumn | undefined;

  /** `read`: the column with codes of `interner`. */
  constructor(interner: Interner, textSlices: () => TextSlices, read: () => DictionaryColumn) {
    this.interner = interner;
    this.textSlices = textSlices;
    this.read = read;
  }

  get kinds(): Uint8Array {
    return this.column.kinds;
  }
  codes(): Int32Array {
    return this.column.codes();
  }
  hashes(): Uint32Array {
    return this.column.hashes();
  }
  decimals(scale: number): DecimalColumn {
    return this.column.decimals(scale);
  }
  text(row: number): string | undefined {
    return this.column.text(row);
  }

  private get column(): DictionaryColumn {
    this.made ??= this.read();
    return this.made;
  }
}

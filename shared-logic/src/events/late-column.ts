// A column of texts that differ from row to row, which get codes only if somebody asks for them: who only wants the
// bytes takes `eachSlices`.
import type { DictionaryColumn } from "./dictionary-column.ts";
import type { DecimalColumn, FieldColumn } from "./event-columns.ts";
import type { Interner } from "./interner.ts";
import type { VisitSlices } from "./text-slices.ts";

export class LateColumn implements FieldColumn {
  readonly interner: Interner;
  readonly eachSlices: (visit: VisitSlices) => void;
  private readonly read: () => DictionaryColumn;
  private made: DictionaryColumn | undefined;

  /** `read`: the column with codes of `interner`. */
  constructor(
    interner: Interner,
    eachSlices: (visit: VisitSlices) => void,
    read: () => DictionaryColumn,
  ) {
    this.interner = interner;
    this.eachSlices = eachSlices;
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

// Decimal columns by scale, for one field of one batch: computed once per scale, buffers kept.
import { DECIMAL_BIG, type DecimalColumn } from "./event-columns.ts";
import type { Units } from "./scanner/number-text.ts";

/** Reads one row's number: writes to `out`, returns its DECIMAL_* status. */
export type ReadUnits = (row: number, scale: number, out: Units) => number;

class DecimalBuffer implements DecimalColumn {
  units = new Float64Array(0);
  status = new Uint8Array(0);
  readonly big = new Map<number, bigint>();
  /** Of which batch these are. */
  batch = -1;
}

export class DecimalColumns {
  private readonly byScale = new Map<number, DecimalBuffer>();
  private readonly out: Units = { units: 0, big: 0n };
  private batch = 0;

  /** Forgets the values, keeps the buffers. */
  next(): void {
    this.batch++;
  }

  get(scale: number, count: number, read: ReadUnits): DecimalColumn {
    let column = this.byScale.get(scale);
    if (!column) {
      column = new DecimalBuffer();
      this.byScale.set(scale, column);
    }
    if (column.batch === this.batch) return column;
    column.batch = this.batch;
    if (column.units.length < count) {
      column.units = new Float64Array(count * 2);
      column.status = new Uint8Array(count * 2);
    }
    column.big.clear();
    const { units, status, big } = column;
    const out = this.out;
    for (let row = 0; row < count; row++) {
      out.units = 0;
      const s = read(row, scale, out);
      status[row] = s;
      units[row] = out.units;
      if (s === DECIMAL_BIG) big.set(row, out.big);
    }
    return column;
  }
}

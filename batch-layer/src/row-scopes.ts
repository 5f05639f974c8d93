// The scope of each row: its tenant and as-sent day, within which an event id counts once. As a number from 1 on.
import { DAY_MS, type EventColumns, getOrMake, ROW_EVENT } from "@tandem/shared-logic";

/** What a row has that is no event. */
export const NO_SCOPE = 0;

export class RowScopes {
  private readonly scopes = new Map<string, number>();
  private ofRows = new Int32Array(0);

  /** Valid until the next call. */
  of(columns: EventColumns): Int32Array {
    const { sentMs, rowKinds, count } = columns;
    const tenant = columns.field("tenant");
    const codes = tenant.codes();
    if (this.ofRows.length < count) this.ofRows = new Int32Array(count);
    const { ofRows } = this;
    /** Of a day, by the tenant's code + 1. */
    const days = new Map<number, Int32Array>();
    for (let row = 0; row < count; row++) {
      if (rowKinds[row] !== ROW_EVENT) {
        ofRows[row] = NO_SCOPE;
        continue;
      }
      const day = Math.floor(sentMs[row]! / DAY_MS);
      const known = getOrMake(days, day, () => new Int32Array(tenant.interner.size + 1));
      const code = codes[row]!;
      if (known[code + 1] === NO_SCOPE) {
        const name = code < 0 ? "" : tenant.interner.text(code);
        known[code + 1] = getOrMake(this.scopes, `${day}|${name}`, () => this.scopes.size + 1);
      }
      row = fillDay(ofRows, row, count, day * DAY_MS, known, { sentMs, codes, rowKinds });
    }
    return ofRows;
  }
}

interface Rows {
  readonly sentMs: Float64Array;
  readonly codes: Int32Array;
  readonly rowKinds: Uint8Array;
}

/** Scopes of `first`, which is in this day and has one, and of what follows it as long as it is so. The last such row. */
function fillDay(
  ofRows: Int32Array,
  first: number,
  count: number,
  fromMs: number,
  known: Int32Array,
  { sentMs, codes, rowKinds }: Rows,
): number {
  const untilMs = fromMs + DAY_MS;
  ofRows[first] = known[codes[first]! + 1]!;
  for (let row = first + 1; row < count; row++) {
    const sent = sentMs[row]!;
    const scope = known[codes[row]! + 1]!;
    if (!(sent >= fromMs && sent < untilMs) || scope === NO_SCOPE || rowKinds[row] !== ROW_EVENT)
      return row - 1;
    ofRows[row] = scope;
  }
  return count - 1;
}

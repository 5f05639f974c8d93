// Paths that no client sends and no column holds: what Tandem itself knows of an event when it is folded.
//
// `arrival`: `late` where it was received on a later UTC day than it happened on, as late-event notifications have it,
// `too_late` where that was more than 72 hours later, else `in_time`. Of an import without `received_at`: in time.
// `copy`: `first`, or `again` for an event whose id came before. Only metrics that read it are given copies.
import {
  DECIMAL_NOT_A_NUMBER,
  type DecimalColumn,
  type EventColumns,
  FIELD_TEXT,
  type FieldColumn,
  FLAG_TOO_LATE,
} from "../events/event-columns.ts";
import { Interner } from "../events/interner.ts";
import type { Path } from "../metrics/selector.ts";
import { DAY_MS } from "../time/epoch-ms.ts";

export const ARRIVAL: Path = "arrival";
export const COPY: Path = "copy";

export const isMade = (path: Path): boolean => path === ARRIVAL || path === COPY;

/** `unsure`: perhaps a copy; beside a `first` of the same event, so it says only that it may be one. */
export type CopyText = "first" | "again" | "unsure";

const dayOfMs = (ms: number): number => Math.floor(ms / DAY_MS);

function arrivalOf({ flags, timeMs, receivedMs }: EventColumns, row: number): string {
  if (((flags[row] ?? 0) & FLAG_TOO_LATE) !== 0) return "too_late";
  return dayOfMs(timeMs[row] ?? 0) < dayOfMs(receivedMs[row] ?? 0) ? "late" : "in_time";
}

function madeColumn(count: number, textOf: (row: number) => string): FieldColumn {
  const interner = new Interner();
  const codes = Int32Array.from({ length: count }, (_, row) => interner.internText(textOf(row)));
  return {
    kinds: new Uint8Array(count).fill(FIELD_TEXT),
    interner,
    codes: () => codes,
    hashes() {
      const hashes = new Uint32Array(2 * count);
      for (let row = 0; row < count; row++)
        for (const lane of [0, 1])
          hashes[2 * row + lane] = interner.hashes[2 * (codes[row] ?? 0) + lane] ?? 0;
      return hashes;
    },
    decimals: (): DecimalColumn => ({
      units: new Float64Array(count),
      status: new Uint8Array(count).fill(DECIMAL_NOT_A_NUMBER),
      big: new Map(),
    }),
    text: (row) => textOf(row),
  };
}

/** The same columns with the made ones beside them. */
export function withMadeFields(
  columns: EventColumns,
  copyOf: (row: number) => CopyText,
): EventColumns {
  const made = new Map<Path, FieldColumn>();
  const madeOf = (path: Path): FieldColumn => {
    let column = made.get(path);
    if (column === undefined) {
      const text = path === COPY ? copyOf : (row: number) => arrivalOf(columns, row);
      column = madeColumn(columns.count, text);
      made.set(path, column);
    }
    return column;
  };
  const {
    partition,
    count,
    offsets,
    rowKinds,
    flags,
    timeMs,
    sentMs,
    receivedMs,
    idHashes,
    userKinds,
  } = columns;
  return {
    partition,
    count,
    offsets,
    rowKinds,
    flags,
    timeMs,
    sentMs,
    receivedMs,
    idHashes,
    userKinds,
    field: (path) => (isMade(path) ? madeOf(path) : columns.field(path)),
    cut: (row) => columns.cut(row),
  };
}

// Paths that no client sends and no column holds: what Tandem itself knows of an event when it is folded.
//
// `arrival`: `late` where it was received on a later UTC day than it happened on, as late-event notifications have it,
// `too_late` where that was more than 72 hours later, else `in_time`. Of an import without `received_at`: in time.
// `copy`: `first`, or `again` for an event whose id came before. Only metrics that read it are given copies.
import { getOrMake } from "../collections/get-or-make.ts";
import type { Cut } from "../events/cut.ts";
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
  const codeOf = new Map<string, number>();
  let codes: Int32Array | undefined;
  const allCodes = (): Int32Array => {
    codes ??= Int32Array.from({ length: count }, (_, row) => {
      const text = textOf(row);
      return getOrMake(codeOf, text, () => interner.internText(text));
    });
    return codes;
  };
  return {
    kinds: new Uint8Array(count).fill(FIELD_TEXT),
    interner,
    codes: allCodes,
    hashes() {
      const hashes = new Uint32Array(2 * count);
      for (const [row, code] of allCodes().entries()) {
        hashes[2 * row] = interner.hashes[2 * code] ?? 0;
        hashes[2 * row + 1] = interner.hashes[2 * code + 1] ?? 0;
      }
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
export const withMadeFields = (
  columns: EventColumns,
  copyOf: (row: number) => CopyText,
): EventColumns => new MadeColumns(columns, copyOf);

/** Asks for nothing before it is asked itself: some columns are made when they are read. */
class MadeColumns implements EventColumns {
  private readonly columns: EventColumns;
  private readonly copyOf: (row: number) => CopyText;
  private readonly made = new Map<Path, FieldColumn>();

  constructor(columns: EventColumns, copyOf: (row: number) => CopyText) {
    this.columns = columns;
    this.copyOf = copyOf;
  }

  field(path: Path): FieldColumn {
    const { columns, copyOf } = this;
    if (!isMade(path)) return columns.field(path);
    const text = path === COPY ? copyOf : (row: number) => arrivalOf(columns, row);
    return getOrMake(this.made, path, () => madeColumn(columns.count, text));
  }
  cut(row: number): Cut {
    return this.columns.cut(row);
  }
  get partition(): EventColumns["partition"] {
    return this.columns.partition;
  }
  get count(): EventColumns["count"] {
    return this.columns.count;
  }
  get offsets(): EventColumns["offsets"] {
    return this.columns.offsets;
  }
  get rowKinds(): EventColumns["rowKinds"] {
    return this.columns.rowKinds;
  }
  get flags(): EventColumns["flags"] {
    return this.columns.flags;
  }
  get timeMs(): EventColumns["timeMs"] {
    return this.columns.timeMs;
  }
  get sentMs(): EventColumns["sentMs"] {
    return this.columns.sentMs;
  }
  get receivedMs(): EventColumns["receivedMs"] {
    return this.columns.receivedMs;
  }
  get idHashes(): EventColumns["idHashes"] {
    return this.columns.idHashes;
  }
  get userKinds(): EventColumns["userKinds"] {
    return this.columns.userKinds;
  }
}

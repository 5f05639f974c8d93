// Events in a Parquet file that somebody else wrote, as event columns: one batch per row group, times and
// texts straight from its columns. Offsets are row numbers. A row without a time is dead.
import {
  type Cut,
  DictionaryColumn,
  type EventColumns,
  type FieldColumn,
  Interner,
  LateColumn,
  murmur3Lanes,
  NO_TEXT,
  ROW_DEAD,
  ROW_EVENT,
  USER_ID,
  USER_NONE,
  USER_PREFIXES,
} from "@tandem/shared-logic";
import { eachSlices, readSlices } from "./entries.ts";
import { ParquetFile } from "./file.ts";
import { readNumbers } from "./numbers.ts";
import { readTexts } from "./texts.ts";

/** Which columns hold what. */
export interface ForeignLayout {
  readonly time: string;
  readonly eventId?: string;
  /** The user id, which the path `user` stands for. */
  readonly user?: string;
  /** Text columns by path: `tenant`, `event_type`, `properties.country`, … */
  readonly texts: Readonly<Record<string, string>>;
}

/** `interners`, by path, are shared by all row groups; missing ones are added. Throws `corrupt_bytes`. */
export function* foreignColumns(
  bytes: Uint8Array,
  layout: ForeignLayout,
  fields: readonly string[],
  interners: Map<string, Interner> = new Map(),
): Generator<EventColumns> {
  let offset = 0;
  for (const group of new ParquetFile(bytes).groups()) {
    yield new ForeignColumns(group, layout, fields, interners, offset);
    offset += group.rows;
  }
}

class ForeignColumns implements EventColumns {
  readonly partition = 0;
  readonly count: number;
  readonly rowKinds: Uint8Array;
  readonly flags: Uint8Array;
  readonly timeMs: Float64Array;
  readonly userKinds: Uint8Array;
  private readonly file: ParquetFile;
  private readonly layout: ForeignLayout;
  private readonly firstOffset: number;
  private readonly fields = new Map<string, FieldColumn>();
  private ids: Uint32Array | undefined;

  constructor(
    file: ParquetFile,
    layout: ForeignLayout,
    fields: readonly string[],
    interners: Map<string, Interner>,
    firstOffset: number,
  ) {
    this.file = file;
    this.layout = layout;
    this.firstOffset = firstOffset;
    this.count = file.rows;
    const { values, present } = readNumbers(file, layout.time, true);
    this.timeMs = values;
    this.rowKinds = new Uint8Array(this.count).fill(ROW_EVENT);
    if (present) {
      for (let row = 0; row < this.count; row++)
        if (present[row] === 0) this.rowKinds[row] = ROW_DEAD;
    }
    this.flags = new Uint8Array(this.count);
    this.userKinds = new Uint8Array(this.count).fill(
      layout.user === undefined ? USER_NONE : USER_ID,
    );
    for (const path of new Set(fields)) {
      let interner = interners.get(path);
      if (!interner) {
        interner = new Interner();
        interners.set(path, interner);
      }
      this.fields.set(path, this.column(path, interner));
    }
  }

  get sentMs(): Float64Array {
    return this.timeMs;
  }
  get receivedMs(): Float64Array {
    return this.timeMs;
  }
  get offsets(): Float64Array {
    return Float64Array.from({ length: this.count }, (_, row) => this.firstOffset + row);
  }

  get idHashes(): Uint32Array {
    if (this.ids) return this.ids;
    const { bytes, starts, ends } = readSlices(
      this.file,
      columnOf("event_id", this.layout.eventId),
    );
    this.ids = new Uint32Array(4 * this.count);
    for (let row = 0; row < this.count; row++) {
      if (starts[row]! >= 0) murmur3Lanes(bytes, starts[row]!, ends[row]!, this.ids, 4 * row);
    }
    return this.ids;
  }

  field(path: string): FieldColumn {
    const column = this.fields.get(path);
    if (!column) throw new RangeError(`field ${path} was not asked for`);
    return column;
  }

  cut(row: number): Cut {
    throw new RangeError(`row ${row} is no cut`);
  }

  private column(path: string, interner: Interner): FieldColumn {
    const { count, file, layout } = this;
    if (path !== "event_id") {
      return new DictionaryColumn(interner, this.codes(path, interner), count);
    }
    // Every row has another one: they get codes only if somebody asks for them.
    const name = columnOf(path, layout.eventId);
    return new LateColumn(
      interner,
      (visit) => eachSlices(file, name, visit),
      () => new DictionaryColumn(interner, readTexts(file, name, interner).codes, count),
    );
  }

  private codes(path: string, interner: Interner): Int32Array {
    const { file, layout } = this;
    if (path !== "user") return readTexts(file, columnOf(path, layout.texts[path]), interner).codes;
    const name = columnOf(path, layout.user);
    const { codes, isFull } = readTexts(file, name, interner, USER_PREFIXES[USER_ID]);
    if (!isFull) markMissing(codes, this.userKinds);
    return codes;
  }
}

function markMissing(codes: Int32Array, userKinds: Uint8Array): void {
  for (let row = 0; row < codes.length; row++) {
    if (codes[row] === NO_TEXT) userKinds[row] = USER_NONE;
  }
}

function columnOf(path: string, name: string | undefined): string {
  if (name === undefined) throw new RangeError(`the layout has no column for ${path}`);
  return name;
}

// An archive object as event columns, decoded straight from its chunks. Only what is asked for is
// decoded, times and id hashes at first use; the body is not touched unless a field stands in it.
import {
  type Bodies,
  BodyColumns,
  type Cut,
  DictionaryColumn,
  decodeCut,
  type EventColumns,
  FIELD_ABSENT,
  FIELD_NULL,
  FIELD_TEXT,
  type FieldColumn,
  Interner,
  LateColumn,
  murmur3Lanes,
  NO_TEXT,
  ROW_CUT,
  type TextSlices,
  USER_NONE,
  USER_PREFIXES,
} from "@tandem/shared-logic";
import { NULL_SESSION, RECORD_FLAGS } from "./archive-schema.ts";
import { readBodies } from "./bodies/shaped-bodies.ts";
import { shapedFields } from "./bodies/shaped-fields.ts";
import { eachSlices, readSlices } from "./entries.ts";
import type { ParquetFile } from "./file.ts";
import { constantOf, readBytes, readNumbers } from "./numbers.ts";
import { readMoments } from "./read-moments.ts";
import { readPrefixedTexts, readTexts } from "./texts.ts";

/** Paths that are columns of their own; every other one stands in the body. */
const OWN_COLUMNS: ReadonlySet<string> = new Set([
  "tenant",
  "event_type",
  "event_id",
  "user",
  "session_id",
]);

export class ArchiveColumns implements EventColumns {
  readonly partition: number;
  readonly count: number;
  readonly rowKinds: Uint8Array;
  readonly flags: Uint8Array;
  readonly userKinds: Uint8Array;
  private readonly file: ParquetFile;
  private readonly fields = new Map<string, FieldColumn>();
  private readonly numbers = new Map<string, Float64Array>();
  private ids: Uint32Array | undefined;
  private raw: TextSlices | undefined;

  /** `interners`: shared by several objects; missing ones are added. */
  constructor(file: ParquetFile, fields: readonly string[], interners: Map<string, Interner>) {
    this.file = file;
    this.count = file.rows;
    this.partition = constantOf(file, "partition") ?? readNumbers(file, "partition").values[0] ?? 0;
    this.rowKinds = readBytes(file, "kind");
    this.flags = readBytes(file, "flags", RECORD_FLAGS);
    this.userKinds = readBytes(file, "user_kind");
    for (const path of new Set(fields)) {
      if (!OWN_COLUMNS.has(path)) continue;
      const interner = interners.get(path) ?? new Interner();
      interners.set(path, interner);
      if (path === "event_id") {
        this.fields.set(path, this.eventIds(interner));
        continue;
      }
      const codes = this.codes(path, interner);
      const kinds =
        path === "session_id" ? sessionKinds(codes, readNumbers(file, "flags").values) : undefined;
      this.fields.set(path, new DictionaryColumn(interner, codes, this.count, kinds));
    }
    const inBody = [...new Set(fields)].filter((path) => !OWN_COLUMNS.has(path));
    if (inBody.length === 0) return;
    const shaped = shapedFields(file, inBody);
    for (const [path, column] of shaped ?? []) this.fields.set(path, column);
    if (shaped) return;
    const columns = new BodyColumns(inBody);
    const bodies = this.bodies();
    columns.begin(bodies.bytes, bodies.count);
    columns.end(bodies);
    for (const path of inBody) {
      const column = columns.field(path);
      if (column) this.fields.set(path, column);
    }
  }

  get offsets(): Float64Array {
    return this.numbersOf("offset");
  }
  get timeMs(): Float64Array {
    return this.numbersOf("time");
  }
  get sentMs(): Float64Array {
    return this.numbersOf("sent");
  }
  get receivedMs(): Float64Array {
    return this.numbersOf("received");
  }

  get idHashes(): Uint32Array {
    if (this.ids) return this.ids;
    const { bytes, starts, ends } = readSlices(this.file, "event_id");
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
    if (this.rowKinds[row] !== ROW_CUT) throw new RangeError(`row ${row} is no cut`);
    this.raw ??= readSlices(this.file, "raw");
    return decodeCut(this.raw.bytes.subarray(this.raw.starts[row], this.raw.ends[row]));
  }

  private numbersOf(name: string): Float64Array {
    let values = this.numbers.get(name);
    if (!values) {
      values =
        name === "sent" || name === "received"
          ? readMoments(this.file, name, () => this.timeMs)
          : readNumbers(this.file, name).values;
      this.numbers.set(name, values);
    }
    return values;
  }

  private codes(path: string, interner: Interner): Int32Array {
    if (path !== "user") return readTexts(this.file, path, interner).codes;
    const prefix = USER_PREFIXES[constantOf(this.file, "user_kind") ?? USER_NONE] ?? 0;
    if (prefix !== 0) return readTexts(this.file, path, interner, prefix).codes;
    return readPrefixedTexts(this.file, path, this.userKinds, USER_PREFIXES, interner).codes;
  }

  /** Every row has another one. */
  private eventIds(interner: Interner): LateColumn {
    return new LateColumn(
      interner,
      (visit) => eachSlices(this.file, "event_id", visit),
      () => new DictionaryColumn(interner, this.codes("event_id", interner), this.count),
    );
  }

  private bodies(): Bodies {
    const { bytes, starts, ends } = readBodies(this.file);
    for (let row = 0; row < this.count; row++) {
      // Only events have one.
      if (starts[row]! >= 0) continue;
      starts[row] = 0;
      ends[row] = 0;
    }
    return { bytes, starts, ends, count: this.count };
  }
}

function sessionKinds(codes: Int32Array, flags: Float64Array): Uint8Array {
  const kinds = new Uint8Array(codes.length);
  for (let row = 0; row < codes.length; row++) {
    if (codes[row] !== NO_TEXT) kinds[row] = FIELD_TEXT;
    else kinds[row] = (flags[row]! & NULL_SESSION) === 0 ? FIELD_ABSENT : FIELD_NULL;
  }
  return kinds;
}

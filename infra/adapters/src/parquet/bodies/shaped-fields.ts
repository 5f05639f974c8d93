// Fields that stand in bodies, without the bodies: one body of each shape is made and scanned, which says
// for all rows of the shape what stands at a path: a column's value, or the same in all.
import {
  compilePaths,
  DictionaryColumn,
  FIELD_ABSENT,
  FIELD_FALSE,
  FIELD_NULL,
  FIELD_NUMBER,
  FIELD_TEXT,
  FIELD_TRUE,
  type FieldColumn,
  Interner,
  JsonScanner,
  NO_TEXT,
  SCAN_OK,
  UNLIMITED_DEPTH,
  Unescaper,
} from "@tandem/shared-logic";
import { corrupt } from "../corrupt.ts";
import type { ParquetFile } from "../file.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import { isTime, ShapedBodies } from "./shaped-bodies.ts";

/** Shapes that are scanned one by one; with more of them, bodies are quicker. */
const MOST_SHAPES = 0.25;
const UNKNOWN = -2;
const BACKSLASH = 0x5c;

/** What stands at a path in bodies of one shape. */
interface Standing {
  readonly kind: number;
  /** Where it is the same in all rows. */
  readonly code: number;
  /** Else: the marks it is made of. */
  readonly marks: readonly number[];
}

/** Undefined where reading the bodies themselves is better. */
export function shapedFields(
  file: ParquetFile,
  paths: readonly string[],
): ReadonlyMap<string, FieldColumn> | undefined {
  if (!file.has("shape")) return undefined;
  const bodies = new ShapedBodies(file);
  const samples = samplesOf(bodies, file.rows);
  if (samples.rows.length > 16 + MOST_SHAPES * file.rows) return undefined;
  const columns = paths.map((path) => new ShapedField(path, bodies));
  const trie = compilePaths(paths);
  const scanner = new JsonScanner(trie, UNLIMITED_DEPTH);
  const out = new ByteBuffer(4096);
  for (let s = 0; s < samples.rows.length; s++) {
    out.sizeBytes = 0;
    const row = samples.rows[s]!;
    bodies.appendBody(row, out);
    const read = scanner.scan(out.bytes, 0, out.sizeBytes) === SCAN_OK;
    for (const [p, column] of columns.entries()) {
      const slot = trie.slotOf[p]!;
      const kind = read ? scanner.kinds[slot]! : FIELD_ABSENT;
      column.learn(row, kind, out.bytes, scanner.starts[slot]!, scanner.ends[slot]!);
    }
  }
  return new Map(columns.map((c, p) => [paths[p]!, c.column(samples.of, file.rows)]));
}

/** One row of each shape, and each row whose body is stored whole; `of`: which one a row is like, or -1. */
function samplesOf(
  { shapes, whole }: ShapedBodies,
  rows: number,
): { readonly rows: number[]; readonly of: Int32Array } {
  const sampleOf = new Int32Array(shapes.count).fill(-1);
  const samples: number[] = [];
  const of = new Int32Array(rows).fill(-1);
  for (let row = 0; row < rows; row++) {
    const shape = shapes.rows[row]!;
    if (shape < 0) {
      if (whole.starts[row]! >= 0) of[row] = samples.push(row) - 1;
      continue;
    }
    if (sampleOf[shape]! < 0) sampleOf[shape] = samples.push(row) - 1;
    of[row] = sampleOf[shape]!;
  }
  return { rows: samples, of };
}

class ShapedField {
  private readonly path: string;
  private readonly bodies: ShapedBodies;
  private readonly interner = new Interner();
  private readonly unescaper = new Unescaper();
  private readonly standings: Standing[] = [];
  private readonly joined = new ByteBuffer(256);
  /** By mark: the code of each of its values. */
  private readonly codesOf: Int32Array[] = [];

  constructor(path: string, bodies: ShapedBodies) {
    this.path = path;
    this.bodies = bodies;
  }

  /** Takes what stands in the next sample, the body of `row`. */
  learn(row: number, kind: number, body: Uint8Array, start: number, end: number): void {
    const isScalar = kind >= FIELD_TEXT && kind <= FIELD_FALSE;
    const marks = kind === FIELD_NULL || isScalar ? this.marksAt(row, start, end) : [];
    const code = isScalar && marks.length === 0 ? this.intern(kind, body, start, end) : NO_TEXT;
    this.standings.push({ kind, code, marks });
  }

  private marksAt(row: number, start: number, end: number): readonly number[] {
    const shape = this.bodies.shapes.rows[row]!;
    if (shape < 0) return [];
    const { joined } = this;
    const marks: number[] = [];
    let at = 0;
    for (const { mark, bytes } of this.bodies.piecesOf(shape)) {
      if (mark === 0) {
        if (marks.length > 0) break;
        at += bytes.length;
        if (at > start) return [];
        continue;
      }
      joined.sizeBytes = 0;
      this.bodies.append(mark, row, joined);
      if (at === start || marks.length > 0) marks.push(mark);
      at += joined.sizeBytes;
    }
    if (marks.length > 0 && at !== end) throw corrupt(`shape of row ${row} at ${this.path}`);
    return marks;
  }

  private intern(kind: number, bytes: Uint8Array, start: number, end: number): number {
    if (kind !== FIELD_TEXT || !bytes.subarray(start, end).includes(BACKSLASH))
      return this.interner.intern(bytes, start, end);
    this.unescaper.run(bytes, start, end);
    return this.interner.intern(this.unescaper.bytes, 0, this.unescaper.length);
  }

  /** `of`: the sample each row is like. */
  column(of: Int32Array, rows: number): FieldColumn {
    const codes = new Int32Array(rows).fill(NO_TEXT);
    const kinds = new Uint8Array(rows).fill(FIELD_ABSENT);
    for (let row = 0; row < rows; row++) {
      if (of[row]! < 0) continue;
      const { kind, code, marks } = this.standings[of[row]!]!;
      if (marks.length === 0) {
        kinds[row] = kind;
        codes[row] = code;
      } else if (marks.length === 1 && !isTime(marks[0]!)) {
        this.one(marks[0]!, kind === FIELD_TEXT, row, kinds, codes);
      } else {
        this.joined.sizeBytes = 0;
        for (const mark of marks) this.bodies.append(mark, row, this.joined);
        kinds[row] = kind;
        codes[row] = this.intern(kind, this.joined.bytes, 0, this.joined.sizeBytes);
      }
    }
    return new DictionaryColumn(this.interner, codes, rows, kinds);
  }

  private one(
    mark: number,
    isText: boolean,
    row: number,
    kinds: Uint8Array,
    codes: Int32Array,
  ): void {
    const { bytes, starts, ends, rows, count } = this.bodies.source(mark);
    const entry = rows[row]!;
    if (entry < 0) throw corrupt(`row ${row} has no value that its shape asks for`);
    const [start, end] = [starts[entry]!, ends[entry]!];
    const kind = isText ? FIELD_TEXT : kindOf(bytes[start]);
    kinds[row] = kind;
    if (kind === FIELD_NULL) return;
    this.codesOf[mark] ??= new Int32Array(count).fill(UNKNOWN);
    const known = this.codesOf[mark]!;
    if (known[entry] === UNKNOWN) known[entry] = this.intern(kind, bytes, start, end);
    codes[row] = known[entry]!;
  }
}

/** Of a scalar without quotes. */
function kindOf(first: number | undefined): number {
  if (first === 0x6e) return FIELD_NULL;
  if (first === 0x74) return FIELD_TRUE;
  return first === 0x66 ? FIELD_FALSE : FIELD_NUMBER;
}

// Bodies of an object's rows, made again: a row's shape with every mark replaced by what the row's other
// columns say, or the body that was stored whole.
import type { TextSlices } from "@tandem/shared-logic";
import { corrupt } from "../corrupt.ts";
import { type Entries, readEntries, readSlices } from "../entries.ts";
import type { ParquetFile } from "../file.ts";
import { readMoments } from "../read-moments.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import {
  FIRST_VALUE_MARK,
  MARK_EVENT_ID,
  MARK_EVENT_TYPE,
  MARK_SENT_MILLIS,
  MARK_SESSION,
  MARK_TENANT,
  MARK_USER,
  type Piece,
  piecesOf,
  valueColumn,
} from "./marks.ts";
import { SentText } from "./sent-text.ts";

const OWN = new Map([
  [MARK_EVENT_ID, "event_id"],
  [MARK_EVENT_TYPE, "event_type"],
  [MARK_USER, "user"],
  [MARK_SESSION, "session_id"],
  [MARK_TENANT, "tenant"],
]);

/** The column that a mark stands for, unless it is a time's. */
const columnOf = (mark: number): string => OWN.get(mark) ?? valueColumn(mark - FIRST_VALUE_MARK);

export class ShapedBodies {
  readonly shapes: Entries;
  /** Bodies stored whole; none has a shape. */
  readonly whole: TextSlices;
  private readonly file: ParquetFile;
  private readonly pieces: Piece[][] = [];
  private readonly sources: Entries[] = [];
  private readonly sent = new SentText();
  private sentMs: Float64Array | undefined;

  constructor(file: ParquetFile) {
    this.file = file;
    this.shapes = readEntries(file, "shape");
    this.whole = readSlices(file, "body");
  }

  piecesOf(shape: number): readonly Piece[] {
    const { bytes, starts, ends } = this.shapes;
    this.pieces[shape] ??= piecesOf(bytes.subarray(starts[shape], ends[shape]));
    return this.pieces[shape]!;
  }

  /** The values of a mark that is no time. */
  source(mark: number): Entries {
    this.sources[mark] ??= readEntries(this.file, columnOf(mark));
    return this.sources[mark]!;
  }

  /** Appends what a mark stands for in a row. */
  append(mark: number, row: number, out: ByteBuffer): void {
    if (isTime(mark)) {
      this.sentMs ??= readMoments(this.file, "sent");
      const length = this.sent.write(mark, this.sentMs[row]!);
      if (length === 0) throw corrupt(`row ${row} has no time that its shape asks for`);
      out.append(this.sent.bytes, 0, length);
      return;
    }
    const { bytes, starts, ends, rows } = this.source(mark);
    const entry = rows[row]!;
    if (entry < 0) throw corrupt(`row ${row} has no value that its shape asks for`);
    out.append(bytes, starts[entry]!, ends[entry]!);
  }

  /** Appends the body of a row; false where it has none. */
  appendBody(row: number, out: ByteBuffer): boolean {
    const shape = this.shapes.rows[row]!;
    if (shape < 0) {
      const { bytes, starts, ends } = this.whole;
      if (starts[row]! < 0) return false;
      out.append(bytes, starts[row]!, ends[row]!);
      return true;
    }
    const pieces = this.piecesOf(shape);
    for (let p = 0; p < pieces.length; p++) {
      const { mark, bytes } = pieces[p]!;
      if (mark === 0) out.append(bytes, 0, bytes.length);
      else this.append(mark, row, out);
    }
    return true;
  }
}

export const isTime = (mark: number): boolean =>
  mark >= MARK_SENT_MILLIS && mark < FIRST_VALUE_MARK;

/** Every row's body, or that of `rows` alone; -1 where a row has none. */
export function readBodies(file: ParquetFile, rows?: readonly number[]): TextSlices {
  // Objects of the first format hold every body whole.
  if (!file.has("shape")) return readSlices(file, "body");
  const bodies = new ShapedBodies(file);
  const out = new ByteBuffer(1 << 16);
  const starts = new Int32Array(file.rows).fill(-1);
  const ends = new Int32Array(file.rows).fill(-1);
  const put = (row: number): void => {
    const start = out.sizeBytes;
    if (!bodies.appendBody(row, out)) return;
    starts[row] = start;
    ends[row] = out.sizeBytes;
  };
  if (rows) for (const row of rows) put(row);
  else for (let row = 0; row < file.rows; row++) put(row);
  return { bytes: out.bytes, starts, ends };
}

// An ArchiveCodec that keeps records as they are: length-prefixed, with their offsets. Columns come from
// the log's own scanner, so that thousands of schedules need not compress anything.
import {
  type ArchiveCodec,
  ByteReader,
  ByteWriter,
  ColumnScanner,
  type RecordBatch,
} from "@tandem/shared-logic";

/** Nobody stops between taking columns and using them, so equal fields may share a scanner. */
const scanners = new Map<string, ColumnScanner>();

export const tinyCodec: ArchiveCodec = {
  extension: "tiny",
  async encode(partition, batches) {
    const out = new ByteWriter(256)
      .varint(partition)
      .varint(batches.reduce((n, b) => n + b.count, 0));
    for (const b of batches) {
      for (let i = 0; i < b.count; i++)
        out.varint(b.offsets[i] ?? 0).bytes(b.bytes.subarray(b.starts[i], b.ends[i]));
    }
    return out.done();
  },
  records: async (object, rows) => picked(recordsOf(object), rows),
  columns: async (object, fields) => {
    const key = fields.join();
    const scanner = scanners.get(key) ?? new ColumnScanner([...new Set(["tenant", ...fields])]);
    scanners.set(key, scanner);
    return scanner.scan(recordsOf(object));
  },
};

function recordsOf(object: Uint8Array): RecordBatch {
  const input = new ByteReader(object);
  const partition = input.varint();
  const count = input.varint();
  const offsets = new Float64Array(count);
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for (let i = 0; i < count; i++) {
    offsets[i] = input.varint();
    const bytes = input.bytes();
    parts.push(bytes);
    starts[i] = sizeBytes;
    sizeBytes += bytes.length;
    ends[i] = sizeBytes;
  }
  input.end();
  const bytes = new Uint8Array(sizeBytes);
  for (const [i, part] of parts.entries()) bytes.set(part, starts[i]);
  return { partition, to: (offsets[count - 1] ?? -1) + 1, count, bytes, starts, ends, offsets };
}

function picked(all: RecordBatch, rows: readonly number[] | undefined): RecordBatch {
  if (!rows) return all;
  return {
    ...all,
    count: rows.length,
    starts: Int32Array.from(rows, (row) => all.starts[row] ?? 0),
    ends: Int32Array.from(rows, (row) => all.ends[row] ?? 0),
    offsets: Float64Array.from(rows, (row) => all.offsets[row] ?? 0),
  };
}

// The records an object was made of, byte for byte: the kept ones as they are, every other event as its
// header, made again, and its body.
import { type RecordBatch, USER_PREFIXES } from "@tandem/shared-logic";
import { BARE, RECORD_FLAGS } from "./archive-schema.ts";
import { readBodies } from "./bodies/shaped-bodies.ts";
import { corrupt } from "./corrupt.ts";
import { readSlices } from "./entries.ts";
import type { ParquetFile } from "./file.ts";
import { readNumbers } from "./numbers.ts";
import { readMoments } from "./read-moments.ts";
import { headerOf } from "./record-header.ts";
import { readPrefixedTexts, readTexts } from "./texts.ts";

/** `rows`: ascending; absent: all. */
export function decodeRecords(file: ParquetFile, rows?: readonly number[]): RecordBatch {
  const count = rows?.length ?? file.rows;
  const numbers = (name: string): Float64Array => readNumbers(file, name).values;
  const [allOffsets, bits] = [numbers("offset"), numbers("flags")];
  const userKinds = new Uint8Array(numbers("user_kind"));
  const columns = {
    flags: new Uint8Array(bits.map((b) => b & RECORD_FLAGS)),
    timeMs: numbers("time"),
    sentMs: readMoments(file, "sent"),
    receivedMs: readMoments(file, "received"),
    tenants: readTexts(file, "tenant"),
    types: readTexts(file, "event_type"),
    ids: readTexts(file, "event_id"),
    users: readPrefixedTexts(file, "user", userKinds, USER_PREFIXES),
  };
  const [body, raw] = [readBodies(file, rows), readSlices(file, "raw")];
  const [starts, ends] = [new Int32Array(count), new Int32Array(count)];
  const offsets = new Float64Array(count);
  const parts: Uint8Array[] = [];
  let size = 0;
  const add = (part: Uint8Array): void => {
    parts.push(part);
    size += part.length;
  };
  for (let at = 0; at < count; at++) {
    const row = rows ? rows[at]! : at;
    offsets[at] = allOffsets[row]!;
    starts[at] = size;
    if (raw.starts[row]! >= 0) add(raw.bytes.subarray(raw.starts[row], raw.ends[row]));
    else {
      if ((bits[row]! & BARE) === 0) {
        const header = headerOf(columns, row);
        if (!header) throw corrupt(`row ${row} has no header`);
        add(header);
      }
      if (body.starts[row]! < 0) throw corrupt(`row ${row} has neither body nor raw bytes`);
      add(body.bytes.subarray(body.starts[row], body.ends[row]));
    }
    ends[at] = size;
  }
  const partition = numbers("partition")[0] ?? 0;
  const to = count === 0 ? 0 : offsets[count - 1]! + 1;
  return { partition, to, count, bytes: Buffer.concat(parts, size), starts, ends, offsets };
}

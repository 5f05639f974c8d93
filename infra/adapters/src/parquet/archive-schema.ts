// What an archive object is in Parquet. One row per record, in offset order:
//
//   partition, offset, kind (1 event, 2 cut, 3 dead), flags, time, sent, received (UTC, ms; null: as time),
//   tenant, event_type, event_id, user (the plain id), user_kind (0 none, 1 user_id, 2 anonymous_id),
//   session_id, shape (an event's JSON with marks in it: bodies/marks.ts), v1 … v16 (what marks stand for),
//   body (an event's JSON as it came, where shape does not give it back), raw (the whole record wherever
//   it is no event, or one that the other columns do not give back byte for byte; then it has neither)
//
// Times, texts and bodies are null where a record has none. The file's own metadata says which format it
// is and how many events stand in `raw`. Format 1 had no shapes: every body whole, every moment there.
import { TandemError } from "@tandem/shared-logic";
import type { ParquetFile } from "./file.ts";

export const FORMAT_KEY = "tandem.format";
export const FORMAT = "2";
/** Objects that older programs wrote are read as they are. */
const READ_FORMATS: ReadonlySet<string | undefined> = new Set(["1", FORMAT]);
export const RAW_EVENTS_KEY = "tandem.raw_events";

/** In `flags`: the FLAG_* bits of the record. */
export const RECORD_FLAGS = 0x3f;
/** In `flags`: the event came without a record header, so the record is its body alone. */
export const BARE = 1 << 8;
/** In `flags`: `session_id` is there and is null. */
export const NULL_SESSION = 1 << 9;

/** The number of events in `raw`. Throws `corrupt_bytes` where the file is no archive object. */
export function rawEvents({ metadata }: ParquetFile): number {
  const values = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value]));
  const count = Number(values.get(RAW_EVENTS_KEY));
  if (!READ_FORMATS.has(values.get(FORMAT_KEY)) || !Number.isSafeInteger(count) || count < 0) {
    throw new TandemError("corrupt_bytes", {
      details: { what: "no archive object of this format" },
    });
  }
  return count;
}

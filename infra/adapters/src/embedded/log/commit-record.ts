// What a round leaves in a commit file, little-endian: u32 CRC-32 (zlib's) of all that follows, u32 length of
// the whole record, u32 MARK, f64 the file's stamp, f64 the round's number, u32 parts; of each part u32
// partition, u32 records, f64 offset of the first, u32 bytes; then each part's frames, as in a segment, and perhaps zeros.
// A stamp is drawn each time a file is begun anew: what an earlier use left behind is nobody's successor.
import { crc32 } from "../../crc/crc32.ts";
import type { Frames } from "./frames.ts";

const MARK = 0x31_43_44_54;
const HEAD_BYTES = 32;
const PART_BYTES = 20;

/** A partition's frames of a round, the first of them at offset `base`. */
export interface RoundPart {
  readonly partition: number;
  readonly base: number;
  readonly frames: Pick<Frames, "bytes" | "sizeBytes" | "count">;
}

/** The same, found in a commit file. */
export interface FoundPart {
  readonly partition: number;
  readonly base: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

export interface FoundRound {
  readonly number: number;
  readonly stamp: number;
  readonly parts: readonly FoundPart[];
  /** Where the next one would begin. */
  readonly end: number;
}

export const recordBytes = (parts: readonly RoundPart[]): number =>
  parts.reduce((sum, { frames }) => sum + PART_BYTES + frames.sizeBytes, HEAD_BYTES);

/** Makes `bytes` the record: as many as `recordBytes` says, or more. */
export function writeRecord(
  bytes: Uint8Array,
  stamp: number,
  number: number,
  parts: readonly RoundPart[],
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(4, bytes.length, true);
  view.setUint32(8, MARK, true);
  view.setFloat64(12, stamp, true);
  view.setFloat64(20, number, true);
  view.setUint32(28, parts.length, true);
  let at = HEAD_BYTES;
  let behind = HEAD_BYTES + PART_BYTES * parts.length;
  for (const { partition, base, frames } of parts) {
    view.setUint32(at, partition, true);
    view.setUint32(at + 4, frames.count, true);
    view.setFloat64(at + 8, base, true);
    view.setUint32(at + 16, frames.sizeBytes, true);
    bytes.set(frames.bytes.subarray(0, frames.sizeBytes), behind);
    at += PART_BYTES;
    behind += frames.sizeBytes;
  }
  bytes.fill(0, behind);
  view.setUint32(0, crc32(bytes.subarray(4)), true);
}

/** The record that begins at `at`, or undefined where there is no whole one. */
function readRecord(bytes: Uint8Array, at: number): FoundRound | undefined {
  if (at + HEAD_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const sizeBytes = view.getUint32(4, true);
  if (sizeBytes < HEAD_BYTES || at + sizeBytes > bytes.length) return undefined;
  if (view.getUint32(8, true) !== MARK) return undefined;
  if (view.getUint32(0, true) !== crc32(bytes.subarray(at + 4, at + sizeBytes))) return undefined;
  const count = view.getUint32(28, true);
  const parts: FoundPart[] = [];
  let behind = HEAD_BYTES + PART_BYTES * count;
  for (let part = HEAD_BYTES; parts.length < count; part += PART_BYTES) {
    const partBytes = view.getUint32(part + 16, true);
    parts.push({
      partition: view.getUint32(part, true),
      count: view.getUint32(part + 4, true),
      base: view.getFloat64(part + 8, true),
      bytes: bytes.subarray(at + behind, at + behind + partBytes),
    });
    behind += partBytes;
  }
  const [stamp, number] = [view.getFloat64(12, true), view.getFloat64(20, true)];
  return { stamp, number, parts, end: at + sizeBytes };
}

/** The rounds of a commit file's last use: up to the first record that is torn, or of an earlier use. */
export function readRounds(bytes: Uint8Array): FoundRound[] {
  const rounds: FoundRound[] = [];
  let round = readRecord(bytes, 0);
  while (round !== undefined) {
    rounds.push(round);
    const next = readRecord(bytes, round.end);
    const follows = next?.stamp === round.stamp && next.number === round.number + 1;
    round = follows ? next : undefined;
  }
  return rounds;
}

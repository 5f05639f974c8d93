// What topK keeps. Exactly: how often each group is there, and the sample, since it cannot be had from counts.
// Approximately: how many events there are in all, and a bottom-k sample of them by the hash of their ids, each
// with its group: a function of the set of events alone. Canonical bytes: format 1, the sample's size, the
// groups ascending by UTF-8 (exactly: each with its count; else the total), the sampled events ascending by
// hash with the number of their group, then the threshold, if any.

import type { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { expectBytes, readState } from "../codec/state-format.ts";
import { compareUtf8 } from "../codec/text-order.ts";
import { TandemError } from "../errors.ts";
import {
  compareHash,
  type Hash64,
  type SampledUser,
  type UserSample,
} from "../sketches/user-sample.ts";

/** Events by hash of their id; the state of each is its group's canonical text. */
export type EventSample = UserSample<string>;

/** An event's value: the hash of its id, and its group over the dimensions inside. */
export interface TopItem {
  readonly hi: number;
  readonly lo: number;
  readonly group: string;
}

export interface CountedGroups {
  readonly counts: ReadonlyMap<string, number>;
  readonly sample: EventSample;
}

export interface SampledGroups {
  readonly events: number;
  readonly sample: EventSample;
}

const FORMAT = 1;

/** Two events of one hash are one: whichever group comes first. */
export const earlierGroup = (a: string, b: string): string => (compareUtf8(a, b) <= 0 ? a : b);

function writeSample(
  out: ByteWriter,
  { kept, threshold }: EventSample,
  codes: Map<string, number>,
) {
  out.varint(kept.length);
  for (const { hi, lo, state } of kept)
    out
      .u32(hi)
      .u32(lo)
      .varint(codes.get(state) ?? 0);
  out.u8(threshold === undefined ? 0 : 1);
  if (threshold !== undefined) out.u32(threshold.hi).u32(threshold.lo);
}

function readSample(from: ByteReader, size: number, groups: readonly string[]): EventSample {
  const kept: SampledUser<string>[] = [];
  let last: Hash64 | undefined;
  const next = (): Hash64 => {
    const hash = { hi: from.u32(), lo: from.u32() };
    expectBytes(last === undefined || compareHash(last, hash) < 0, "order of hashes");
    last = hash;
    return hash;
  };
  const count = from.varint();
  expectBytes(count <= size, "number of events");
  for (let i = 0; i < count; i++) {
    const hash = next();
    const state = groups[from.varint()];
    expectBytes(state !== undefined, "group number");
    kept.push({ ...hash, state });
  }
  const over = from.u8();
  expectBytes(over === 0 || (over === 1 && count === size), "threshold");
  return { kept, threshold: over === 1 ? next() : undefined };
}

function begin(size: number): ByteWriter {
  return new ByteWriter(4096).u8(FORMAT).varint(size);
}

function beginReading(bytes: Uint8Array, size: number): ByteReader {
  const from = readState(bytes, FORMAT, "top groups");
  const got = from.varint();
  if (got !== size) throw new TandemError("sketch_mismatch", { details: { got, expected: size } });
  return from;
}

function* ascending(from: ByteReader): Generator<string> {
  const count = from.varint();
  let last: string | undefined;
  for (let i = 0; i < count; i++) {
    const text = from.text();
    expectBytes(last === undefined || compareUtf8(last, text) < 0, "order of groups");
    last = text;
    yield text;
  }
}

export function encodeCountedGroups({ counts, sample }: CountedGroups, size: number): Uint8Array {
  const out = begin(size).varint(counts.size);
  const codes = new Map<string, number>();
  for (const [group, n] of [...counts].sort((a, b) => compareUtf8(a[0], b[0]))) {
    codes.set(group, codes.size);
    out.text(group).varint(n);
  }
  writeSample(out, sample, codes);
  return out.done();
}

export function decodeCountedGroups(bytes: Uint8Array, size: number): CountedGroups {
  const from = beginReading(bytes, size);
  const counts = new Map<string, number>();
  for (const group of ascending(from)) {
    const n = from.varint();
    expectBytes(n > 0, "group without events");
    counts.set(group, n);
  }
  const sample = readSample(from, size, [...counts.keys()]);
  from.end();
  return { counts, sample };
}

/** The groups of a sample, ascending; `before`: those of a sample that was much the same, so that few are sorted. */
export function groupsOfSample(
  { kept }: EventSample,
  before: readonly string[] = [],
): readonly string[] {
  const groups = new Set<string>();
  for (const { state } of kept) groups.add(state);
  const sorted: string[] = [];
  const known = before.filter((group) => groups.delete(group));
  let at = 0;
  for (const group of [...groups].sort(compareUtf8)) {
    while (at < known.length && compareUtf8(known[at]!, group) < 0) sorted.push(known[at++]!);
    sorted.push(group);
  }
  while (at < known.length) sorted.push(known[at++]!);
  return sorted;
}

export function encodeSampledGroups(
  { events, sample }: SampledGroups,
  size: number,
  groups = groupsOfSample(sample),
): Uint8Array {
  const out = begin(size).varint(groups.length);
  for (const group of groups) out.text(group);
  out.varint(events);
  writeSample(out, sample, new Map(groups.map((group, i) => [group, i])));
  return out.done();
}

export function decodeSampledGroups(bytes: Uint8Array, size: number): SampledGroups {
  const from = beginReading(bytes, size);
  const groups = [...ascending(from)];
  const events = from.varint();
  const sample = readSample(from, size, groups);
  from.end();
  const used = new Set(sample.kept.map((e) => e.state));
  expectBytes(used.size === groups.length && events >= sample.kept.length, "groups of a sample");
  return { events, sample };
}

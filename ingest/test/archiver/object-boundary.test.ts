// Object boundaries are a function of the records alone: the same for every way of reading them, and
// those that the rule, said record by record, gives.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  below,
  encodeCut,
  type Random,
  type RecordBatch,
  seededRandom,
} from "@tandem/shared-logic";
import { extendObject, type ObjectLimits, openObject } from "../../src/archiver/object-boundary.ts";

interface Record {
  readonly value: Uint8Array;
  /** Of a cut. */
  readonly seq?: number;
}

function anyRecord(random: Random): Record {
  const kind = below(random, 8);
  if (kind === 0) {
    const seq = 1 + below(random, 6);
    return { value: encodeCut({ seq, activates: [], retires: [] }), seq };
  }
  const cut = encodeCut({ seq: 99, activates: [], retires: [] });
  // What looks like a cut and is none.
  if (kind === 1) return { value: cut.subarray(0, below(random, cut.length)) };
  if (kind === 2) return { value: Uint8Array.from(cut, (b, i) => (i === 1 ? 9 : b)) };
  return { value: new Uint8Array(below(random, 200)).fill(0x7b) };
}

function batchOf(records: readonly Record[], firstOffset: number): RecordBatch {
  const bytes = Buffer.concat(records.map((r) => r.value));
  const lengths = records.map((r) => r.value.length);
  const ends = Int32Array.from(lengths, (_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b));
  const starts = ends.map((end, i) => end - (lengths[i] ?? 0));
  const offsets = Float64Array.from(records, (_, i) => firstOffset + i);
  return {
    partition: 0,
    to: firstOffset + records.length,
    count: records.length,
    bytes,
    starts,
    ends,
    offsets,
  };
}

/** Exclusive ends of the objects, reading in batches of random sizes. */
function boundaries(records: readonly Record[], limits: ObjectLimits, random: Random): number[] {
  const found: number[] = [];
  let open = openObject(0);
  for (let from = 0; from < records.length; ) {
    const until = Math.min(records.length, from + 1 + below(random, 60));
    const batch = batchOf(records.slice(from, until), from);
    for (let row = 0; row < batch.count; ) {
      const extended = extendObject(open, batch, row, limits);
      row = extended.until;
      open = extended.open;
      if (!extended.closed) continue;
      found.push(from + row);
      open = openObject(open.seq);
    }
    from = until;
  }
  return found;
}

/** The rule as it is written. */
function expected(records: readonly Record[], limits: ObjectLimits): number[] {
  const ends: number[] = [];
  let [count, bytes, seq] = [0, 0, 0];
  for (const [i, record] of records.entries()) {
    count += 1;
    bytes += record.value.length;
    const effective = (record.seq ?? 0) > seq;
    seq = Math.max(seq, record.seq ?? 0);
    if (!effective && count < limits.records && bytes < limits.bytes) continue;
    ends.push(i + 1);
    [count, bytes] = [0, 0];
  }
  return ends;
}

test("boundaries do not depend on how the log is read", () => {
  let cuts = 0;
  for (let seed = 1; seed <= 150; seed++) {
    const random = seededRandom(seed);
    const records = Array.from({ length: below(random, 300) }, () => anyRecord(random));
    const limits = { records: 1 + below(random, 60), bytes: 1 + below(random, 8000) };
    const rule = expected(records, limits);
    cuts += rule.filter((end) => records[end - 1]?.seq !== undefined).length;
    for (let reading = 0; reading < 3; reading++) {
      assert.deepEqual(boundaries(records, limits, random), rule, `seed ${seed}`);
    }
  }
  assert.ok(cuts > 300, `${cuts} objects end with a cut`);
});

test("a repeated or overtaken cut ends nothing", () => {
  const cut = (seq: number): Record => ({
    value: encodeCut({ seq, activates: [], retires: [] }),
    seq,
  });
  const records = [cut(2), cut(2), cut(1), cut(3)];
  assert.deepEqual(boundaries(records, { records: 100, bytes: 1e6 }, seededRandom(1)), [1, 4]);
});

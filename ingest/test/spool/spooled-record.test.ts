// A record comes out of the spool as it went in, and damage is named, never read past.
import assert from "node:assert/strict";
import { test } from "node:test";
import { epochMs, type RecordBatch } from "@tandem/shared-logic";
import fc from "fast-check";
import { disclose, enclose, spooledBytes } from "../../src/spool/spooled-record.ts";

const NOW = epochMs(Date.UTC(2026, 0, 1));

/** As a log reads them: in one buffer, with other bytes between. */
function batchOf(values: readonly Uint8Array[]): RecordBatch {
  const bytes = Buffer.concat(values.flatMap((value) => [Buffer.from([255]), value]));
  const ends: number[] = [];
  for (const value of values) ends.push((ends.at(-1) ?? 0) + 1 + value.length);
  return {
    partition: 3,
    to: values.length,
    count: values.length,
    bytes,
    starts: Int32Array.from(ends, (end, i) => end - (values[i]?.length ?? 0)),
    ends: Int32Array.from(ends),
    offsets: Float64Array.from(values, (_, i) => i),
  };
}

test("what is disclosed is what was enclosed", () => {
  const traceparent = fc.string({ unit: "binary-ascii", maxLength: 255 });
  const pair = fc.record(
    { key: fc.uint8Array(), value: fc.uint8Array({ maxLength: 300 }), traceparent },
    { requiredKeys: ["key", "value"] },
  );
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 8 }), (pairs) => {
      const enclosed = pairs.map((p) => enclose({ partition: 3, ...p }, NOW));
      for (const [i, p] of pairs.entries())
        assert.equal(enclosed[i]?.value.length, spooledBytes({ partition: 3, ...p }));
      const records = disclose(batchOf(enclosed.map((e) => e.value)));
      assert.deepEqual(
        records.map((r) => [
          r.partition,
          r.spooledMs,
          [...r.key],
          [...r.value],
          r.traceparent || 0,
        ]),
        pairs.map((p) => [3, NOW, [...p.key], [...p.value], p.traceparent || 0]),
      );
    }),
  );
});

test("a record that is too short for its key or trace is damage", () => {
  const record = { partition: 3, key: new Uint8Array(9), value: new Uint8Array(0) };
  for (const trace of [{}, { traceparent: "00-4bf9" }]) {
    const { value } = enclose({ ...record, ...trace }, NOW);
    for (let length = 0; length < value.length; length++)
      assert.throws(() => disclose(batchOf([value.subarray(0, length)])), {
        code: "corrupt_bytes",
      });
  }
});

test("a record of before traces were kept is read as it was", () => {
  const old = Uint8Array.from([2, 0, 0, 0, ...new Uint8Array(8), 7, 8, 9]);
  const [record] = disclose(batchOf([old]));
  assert.deepEqual([[...(record?.key ?? [])], [...(record?.value ?? [])]], [[7, 8], [9]]);
  assert.equal(record?.traceparent, undefined);
});

// Every kind of value comes back, wherever the buffer happens to grow; what is not canonical does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteReader } from "../../src/codec/byte-reader.ts";
import { ByteWriter } from "../../src/codec/byte-writer.ts";

const value = fc.oneof(
  fc.record({ kind: fc.constant("u8" as const), v: fc.nat(255) }),
  fc.record({ kind: fc.constant("u16" as const), v: fc.nat(65_535) }),
  fc.record({ kind: fc.constant("u32" as const), v: fc.nat(2 ** 32 - 1) }),
  fc.record({ kind: fc.constant("f64" as const), v: fc.double({ noNaN: true }) }),
  fc.record({ kind: fc.constant("varint" as const), v: fc.maxSafeNat() }),
  fc.record({ kind: fc.constant("bigint" as const), v: fc.bigInt() }),
  fc.record({ kind: fc.constant("text" as const), v: fc.string({ unit: "binary" }) }),
);

test("what was written is read, from any capacity on", () => {
  fc.assert(
    fc.property(fc.array(value), fc.nat(12), (values, capacityBytes) => {
      const out = new ByteWriter(capacityBytes);
      for (const { kind, v } of values) (out[kind] as (v: unknown) => unknown).call(out, v);
      const from = new ByteReader(out.done());
      for (const { kind, v } of values) assert.deepEqual(from[kind](), v);
      from.end();
    }),
  );
});

test("a varint or bigint written longer than needed is refused", () => {
  for (const bytes of [
    [0x80, 0x00],
    [0xff, 0x80, 0x00],
  ]) {
    assert.throws(() => new ByteReader(Uint8Array.from(bytes)).varint(), { code: "corrupt_bytes" });
    assert.throws(() => new ByteReader(Uint8Array.from(bytes)).bigint(), { code: "corrupt_bytes" });
  }
  assert.throws(() => new ByteReader(Uint8Array.of(1, 2)).u32(), { code: "corrupt_bytes" });
  assert.throws(() => new ByteReader(Uint8Array.of(1)).end(), { code: "corrupt_bytes" });
});

// Every kind of value comes back, wherever the buffer happens to grow; what is not canonical does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteReader } from "../../src/codec/byte-reader.ts";
import { ByteWriter } from "../../src/codec/byte-writer.ts";
import { below, seededRandom } from "../../src/ports/random.ts";

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

test("a part, a slice and numbers in a row give the bytes of the plain calls", () => {
  for (const length of [0, 1, 47, 48, 127, 128, 5000, 20_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i);
    const plain = new ByteWriter(1).u8(7).bytes(bytes).u8(9).done();
    const parted = new ByteWriter(1).u8(7);
    const start = parted.beginPart();
    parted.raw(bytes);
    parted.endPart(start);
    assert.deepEqual(parted.u8(9).done(), plain);
    const wider = Uint8Array.from([1, 2, ...bytes, 3]);
    assert.deepEqual(
      new ByteWriter(1)
        .u8(7)
        .slice(wider, 2, 2 + length)
        .u8(9)
        .done(),
      plain,
    );
    const text = "a".repeat(length);
    const encoded = new TextEncoder().encode(text);
    assert.deepEqual(new ByteWriter(1).text(text).done(), new ByteWriter(1).bytes(encoded).done());
  }
  const mixed = "abc é";
  const encoded = new TextEncoder().encode(mixed);
  assert.deepEqual(new ByteWriter(1).text(mixed).done(), new ByteWriter(1).bytes(encoded).done());
  const numbers = Uint32Array.of(0, 255, 65_536, 0xffffffff, 1);
  const one = new ByteWriter(1);
  for (const n of numbers.subarray(0, 4)) one.u32(n);
  assert.deepEqual(new ByteWriter(1).u32s(numbers, 4).done(), one.done());
});

test("gathered parts are those of the source, whatever their lengths", () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = seededRandom(seed);
    const lengths = Array.from({ length: 1 + below(random, 30) }, () => below(random, 36));
    const starts = new Int32Array(lengths.length + 1);
    for (const [k, length] of lengths.entries()) starts[k + 1] = starts[k]! + length;
    const source = Uint8Array.from({ length: starts.at(-1)! }, () => below(random, 256));
    const out = new ByteWriter(8);
    const wanted: number[] = [];
    for (let call = 0; call < 4; call++) {
      const parts = Int32Array.from({ length: below(random, 40) }, () =>
        below(random, lengths.length),
      );
      out.gather(source, starts, parts, parts.length).u8(call);
      for (const k of parts) wanted.push(...source.subarray(starts[k], starts[k + 1]));
      wanted.push(call);
    }
    assert.deepEqual([...out.done()], wanted, `seed ${seed}`);
  }
});

test("a copied part is that of the source, whatever its length and wherever it lies", () => {
  const source = Uint8Array.from({ length: 4000 }, (_, i) => i * 7 + (i >>> 8));
  const out = new ByteWriter(8);
  const wanted: number[] = [];
  for (const length of [0, 1, 3, 4, 5, 8, 63, 511, 2047, 2048, 2500]) {
    for (const from of [0, 1, 1499]) {
      out.copy(source, from, from + length);
      wanted.push(...source.subarray(from, from + length));
    }
  }
  const other = source.slice(1).reverse();
  out.copy(other, 5, 20);
  wanted.push(...other.subarray(5, 20));
  assert.deepEqual([...out.done()], wanted);
});

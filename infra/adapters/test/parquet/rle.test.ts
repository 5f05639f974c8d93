// The RLE hybrid gives back what was put in, at every bit width, and packs runs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { below, seededRandom } from "@tandem/shared-logic";
import { PageBytes } from "../../src/parquet/page-bytes.ts";
import { bitWidth, decodeRle, encodeRle } from "../../src/parquet/rle.ts";

test("random runs come back at every width that is written", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed);
    const width = below(random, 25);
    const values: number[] = [];
    for (let n = below(random, 40); n > 0; n--) {
      const value = width === 0 ? 0 : below(random, 2 ** width);
      for (let k = below(random, 3) === 0 ? below(random, 60) : 1; k > 0; k--) values.push(value);
    }
    const from = below(random, 3);
    const source = Int32Array.from([...new Array<number>(from).fill(0), ...values]);
    const out = new PageBytes(16);
    encodeRle(source, from, source.length, width, out);
    const decoded = new Int32Array(values.length + 2).fill(-7);
    decodeRle(out.done(), 0, width, decoded, 1, values.length);
    assert.deepEqual([...decoded], [-7, ...values, -7], `seed ${seed}`);
    if (values.length === 0) continue;
    const most = Math.max(...values);
    // Bytes behind the last value decide which way the last values are read.
    const bytes = Buffer.concat([out.done(), Buffer.alloc(below(random, 9))]);
    const entries = new Int32Array(most + 1);
    for (const value of values) entries[value] = below(random, 2 ** 31);
    decodeRle(bytes, 0, width, decoded, 1, values.length, entries);
    const named = values.map((value) => entries[value]);
    assert.deepEqual([...decoded], [-7, ...named, -7], `entries, seed ${seed}`);
    const decode = (): void =>
      decodeRle(bytes, 0, width, decoded, 1, values.length, entries.subarray(0, most));
    assert.throws(decode, { code: "corrupt_bytes" }, `too few entries, seed ${seed}`);
  }
});

test("an index beyond the dictionary is refused at every place", () => {
  for (let width = 1; width <= 12; width++) {
    for (let at = 0; at < 30; at++) {
      const indices = Int32Array.from({ length: 30 }, (_, i) => (i === at ? 1 : 0));
      const out = new PageBytes();
      encodeRle(indices, 0, 30, width, out);
      const bytes = Buffer.concat([out.done(), Buffer.alloc(8)]);
      const decode = (): void =>
        decodeRle(bytes, 0, width, new Int32Array(30), 0, 30, Int32Array.of(9));
      assert.throws(decode, { code: "corrupt_bytes" }, `${width} bits, place ${at}`);
    }
  }
});

test("the example of the format's specification decodes", () => {
  // 0 … 7, three bits each, bit-packed: 10001000 11000110 11111010.
  const out = new Int32Array(8);
  decodeRle(Uint8Array.of(3, 0b10001000, 0b11000110, 0b11111010), 0, 3, out, 0, 8);
  assert.deepEqual([...out], [0, 1, 2, 3, 4, 5, 6, 7]);
});

test("values of more than 24 bits decode", () => {
  const out = new Int32Array(8);
  const bytes = new Uint8Array(1 + 8 * 4);
  bytes[0] = 3;
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 8; i++) view.setUint32(1 + 4 * i, 0x7ffffff0 + i, true);
  decodeRle(bytes, 0, 32, out, 0, 8);
  assert.deepEqual(
    [...out],
    [0, 1, 2, 3, 4, 5, 6, 7].map((i) => 0x7ffffff0 + i),
  );
  for (let i = 0; i < 8; i++) view.setUint32(1 + 4 * i, 7 - i, true);
  decodeRle(bytes, 0, 32, out, 0, 8, Int32Array.of(10, 11, 12, 13, 14, 15, 16, 17));
  assert.deepEqual([...out], [17, 16, 15, 14, 13, 12, 11, 10]);
});

test("a long run takes a few bytes", () => {
  const out = new PageBytes();
  encodeRle(new Uint8Array(100_000).fill(1), 0, 100_000, 1, out);
  assert.ok(out.sizeBytes <= 4, `${out.sizeBytes} bytes`);
});

test("bytes that end early are refused", () => {
  const out = new Int32Array(100);
  for (const bytes of [[], [0x80], [3], [100, 5]]) {
    const decode = (): void => decodeRle(Uint8Array.from(bytes), 0, 3, out, 0, 100);
    assert.throws(decode, { code: "corrupt_bytes" });
  }
});

test("bit widths", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 255, 256].map(bitWidth), [0, 1, 2, 2, 3, 8, 9]);
});

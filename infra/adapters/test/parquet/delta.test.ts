// Delta encoding gives back whole numbers of every size it accepts, and only so many as were asked for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { below, seededRandom, unit } from "@tandem/shared-logic";
import { decodeDelta, encodeDelta, onlyDelta } from "../../src/parquet/delta.ts";
import { PageBytes } from "../../src/parquet/page-bytes.ts";

test("random numbers come back, and the end of the encoding is found", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed);
    const span = 2 ** below(random, 44);
    const base = (unit(random) - 0.5) * 2 ** below(random, 50);
    const values = Float64Array.from({ length: below(random, 400) }, () =>
      Math.floor(base + unit(random) * span),
    );
    const out = new PageBytes(16);
    encodeDelta(values, 0, values.length, out);
    const bytes = out.done();
    const decoded = new Float64Array(values.length);
    assert.equal(decodeDelta(bytes, 0, decoded, 0, values.length), bytes.length, `seed ${seed}`);
    assert.deepEqual(decoded, values, `seed ${seed}`);
    const some = Math.floor(values.length / 2);
    if (some === 0) continue;
    const first = new Float64Array(some + 1).fill(-1);
    assert.equal(decodeDelta(bytes, 0, first, 0, some), bytes.length, `seed ${seed}`);
    assert.deepEqual([...first], [...values.subarray(0, some), -1], `seed ${seed}`);
  }
});

test("that all numbers are the same is seen where it is so, and nowhere else", () => {
  for (let count = 1; count < 300; count++) {
    for (const odd of [-1, 0, count >> 1, count - 1]) {
      const values = new Float64Array(count).fill(36);
      if (odd >= 0 && count > 1) values[odd] = 35;
      const out = new PageBytes(16);
      encodeDelta(values, 0, count, out);
      const isOne = odd < 0 || count === 1;
      const only = isOne ? { value: 36, end: out.sizeBytes } : undefined;
      assert.deepEqual(onlyDelta(out.done(), 0, count), only, `${count} values, ${odd}`);
      assert.equal(onlyDelta(out.done(), 0, count + 1), undefined);
    }
  }
});

test("consecutive offsets take next to nothing", () => {
  const out = new PageBytes();
  encodeDelta(
    Float64Array.from({ length: 100_000 }, (_, i) => 1e12 + i),
    0,
    100_000,
    out,
  );
  assert.ok(out.sizeBytes < 5000, `${out.sizeBytes} bytes`);
});

test("bytes that end early are refused", () => {
  const out = new PageBytes();
  encodeDelta(
    Float64Array.from({ length: 300 }, (_, i) => i * i),
    0,
    300,
    out,
  );
  const bytes = out.done();
  for (let length = 0; length < bytes.length; length++) {
    const decode = (): number =>
      decodeDelta(bytes.subarray(0, length), 0, new Float64Array(300), 0, 300);
    assert.throws(decode, { code: "corrupt_bytes" });
  }
});

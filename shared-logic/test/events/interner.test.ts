import assert from "node:assert/strict";
import { test } from "node:test";
import { Interner } from "../../src/events/interner.ts";
import { murmur3Text } from "../../src/hash/murmur3.ts";
import { below, seededRandom } from "../../src/ports/random.ts";

test("equal texts have equal codes, others have others, before and after a reset", (t) => {
  const seed = 23;
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const interner = new Interner();
  for (let generation = 0; generation < 3; generation++) {
    assert.equal(interner.generation, generation);
    const codes = new Map<string, number>();
    let sizeBytes = 0;
    for (let n = 0; n < 6000; n++) {
      const text = below(random, 2) ? `ü${below(random, 3000)}` : "ab".repeat(below(random, 9));
      const code = interner.internText(text);
      if (!codes.has(text)) {
        assert.equal(code, codes.size, "codes are given out in order");
        sizeBytes += Buffer.byteLength(text);
      }
      assert.equal(code, codes.get(text) ?? code);
      codes.set(text, code);
    }
    assert.equal(interner.size, codes.size);
    assert.equal(interner.sizeBytes, sizeBytes);
    for (const [text, code] of codes) {
      assert.equal(interner.text(code), text);
      const lanes = interner.hashes.subarray(2 * code, 2 * code + 2);
      assert.deepEqual([...lanes], [...murmur3Text(text).subarray(0, 2)]);
    }
    interner.reset();
    assert.equal(interner.size, 0);
    assert.equal(interner.sizeBytes, 0);
  }
});

test("many texts at once have the codes they have one by one, with and without a prefix", () => {
  for (let seed = 0; seed < 100; seed++) {
    const random = seededRandom(seed);
    const [one, all] = [new Interner(), new Interner()];
    for (const prefix of [0, 0x75, 0x61]) {
      const texts = Array.from({ length: below(random, 2000) }, () =>
        "x".repeat(below(random, 12)).concat(String(below(random, 500)).slice(below(random, 4))),
      );
      const source = Buffer.from(texts.join(""));
      const ends = new Int32Array(texts.length);
      const starts = new Int32Array(texts.length);
      let at = 0;
      for (const [e, text] of texts.entries()) {
        starts[e] = at;
        at += text.length;
        ends[e] = at;
      }
      const codes = new Int32Array(texts.length);
      all.internAll({ bytes: source, starts, ends }, texts.length, codes, prefix);
      const lead = prefix === 0 ? "" : String.fromCharCode(prefix);
      for (const [e, text] of texts.entries()) {
        assert.equal(codes[e], one.internText(lead + text), `seed ${seed}`);
        assert.equal(all.text(codes[e]!), lead + text);
      }
    }
    assert.equal(all.size, one.size);
  }
});

test("one that was released keeps its texts, and takes new ones once it is reset", () => {
  const texts = Array.from({ length: 5000 }, (_, i) => `text ${i}`);
  const ends = new Int32Array(texts.length + 1);
  for (const [e, text] of texts.entries()) ends[e + 1] = ends[e]! + text.length;
  const slices = {
    bytes: Buffer.from(texts.join("")),
    starts: ends.slice(0, -1),
    ends: ends.slice(1),
  };
  const interner = new Interner();
  const codes = new Int32Array(texts.length);
  interner.internAll(slices, texts.length, codes);
  interner.release();
  assert.deepEqual(
    Array.from(codes, (code) => interner.text(code)),
    texts,
  );
  assert.throws(() => interner.internText("text 1"), TypeError);
  assert.throws(() => interner.internAll(slices, texts.length, codes), TypeError);
  // Somebody else has its memory by now.
  const other = new Interner();
  other.internAll(slices, texts.length, new Int32Array(texts.length));
  interner.reset();
  assert.equal(interner.internText("text 4999"), 0);
  assert.equal(other.internText("text 4999"), 4999);
});

// The kernel gives the codes that its twin gives, and leaves the same texts in the store: of short and long texts,
// with and without a prefix, in order and out of it, too long for its memory, and of different texts with one hash.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TextKernel } from "../../../src/events/kernels/text-kernel.ts";
import { TextKeys } from "../../../src/events/text-keys.ts";
import type { TextSlices } from "../../../src/events/text-slices.ts";
import { TextStore } from "../../../src/events/text-store.ts";
import { below, type Random, seededRandom } from "../../../src/ports/random.ts";
import { damagedTexts, packedTexts } from "../packed-texts.ts";

const PREFIXES = [0, 0, 0x75, 0x61];
const SOURCE_BYTES = 65_536;

interface Texts extends TextSlices {
  readonly count: number;
}

function textsOf(random: Random, values: readonly Uint8Array[], count: number): Texts {
  const picked = Array.from({ length: count }, () => values[below(random, values.length)]!);
  if (below(random, 3) === 0) return packedTexts(picked, below(random, 9));
  const gap = below(random, 3);
  const bytes = new Uint8Array(picked.reduce((sum, v) => sum + v.length + gap, 8));
  const order = Array.from(picked, (_, e) => e);
  // As a dictionary's entries come that only some rows point at.
  if (below(random, 3) === 0) order.sort((a, b) => ((a * 7919) % 101) - ((b * 7919) % 101));
  const [starts, ends] = [new Int32Array(count), new Int32Array(count)];
  let at = 0;
  for (const e of order) {
    bytes.set(picked[e]!, at);
    starts[e] = at;
    ends[e] = at + picked[e]!.length;
    at += picked[e]!.length + gap;
  }
  return { bytes, starts, ends, count };
}

const bytesOf = (random: Random, most: number): Uint8Array =>
  Uint8Array.from({ length: below(random, most) }, () => [0, 97, 98, 255][below(random, 4)]!);

/** The twin with its store, and the kernel with its own. */
function pair(expected = 0) {
  const [store, kernelStore] = [new TextStore(), new TextStore()];
  const kernel = TextKernel.create(kernelStore, expected);
  if (!kernel) throw new TypeError("this engine runs no kernel");
  return { twin: new TextKeys(), store, kernel, kernelStore };
}

function bothIntern(
  { twin, store, kernel, kernelStore }: ReturnType<typeof pair>,
  t: Texts,
  prefix: number,
) {
  const [codes, byKernel] = [new Int32Array(t.count), new Int32Array(t.count)];
  twin.internAll(store, t, t.count, codes, prefix);
  kernel.internAll(kernelStore, t, t.count, byKernel, prefix);
  return { codes, byKernel };
}

function assertSameStores(a: TextStore, b: TextStore, what: string): void {
  assert.equal(b.size, a.size, what);
  assert.deepEqual(b.ends.subarray(0, b.size + 1), a.ends.subarray(0, a.size + 1), what);
  assert.equal(
    Buffer.compare(b.bytes.subarray(0, b.sizeBytes), a.bytes.subarray(0, a.sizeBytes)),
    0,
  );
}

test("codes and texts are the twin's", () => {
  for (let seed = 0; seed < 40; seed++) {
    const random = seededRandom(seed);
    const both = pair();
    for (let call = 0; call < 4; call++) {
      const most = [4, 12, 40][below(random, 3)]!;
      const values = Array.from({ length: 1 + below(random, 900) }, () => bytesOf(random, most));
      if (below(random, 4) === 0) {
        values.push(new Uint8Array(SOURCE_BYTES - 1 + below(random, 3)).fill(97));
      }
      const texts = textsOf(random, values, below(random, 3000));
      const prefix = PREFIXES[below(random, PREFIXES.length)]!;
      const { codes, byKernel } = bothIntern(both, texts, prefix);
      assert.deepEqual(byKernel, codes, `seed ${seed}, call ${call}`);
    }
    assertSameStores(both.store, both.kernelStore, `seed ${seed}`);
    if (below(random, 2) === 0) {
      for (const one of [both.twin, both.kernel, both.store, both.kernelStore]) one.clear();
      const texts = textsOf(random, [bytesOf(random, 20)], 10);
      const { codes, byKernel } = bothIntern(both, texts, 0);
      assert.deepEqual(byKernel, codes, `seed ${seed}, cleared`);
    }
  }
});

test("texts that differ in one byte, or in their length alone, have codes of their own", () => {
  const values = Array.from({ length: 16 }, (_, length) => new Uint8Array(length).fill(1)).flatMap(
    (text) => [text, ...Array.from(text, (_, at) => text.with(at, 0))],
  );
  for (const prefix of [0, 1]) {
    const { codes, byKernel } = bothIntern(pair(), packedTexts(values, 0), prefix);
    assert.deepEqual(byKernel, codes, `prefix ${prefix}`);
    assert.equal(new Set(byKernel).size, values.length);
  }
});

for (const expected of [0, 10_000, 1_000_000]) {
  test(`more texts than there were seats for, and a store that holds some, where ${expected} are expected`, () => {
    const random = seededRandom(5);
    const values = Array.from({ length: 30_000 }, (_, i) => Buffer.from(`user ${i * 7}`));
    const both = pair(expected);
    const texts = textsOf(random, values, 60_000);
    const { codes, byKernel } = bothIntern(both, texts, 0x75);
    assert.deepEqual(byKernel, codes);
    assertSameStores(both.store, both.kernelStore, "many");
    const later = TextKernel.create(both.kernelStore, expected);
    const again = new Int32Array(texts.count);
    later?.internAll(both.kernelStore, texts, texts.count, again, 0x75);
    assert.deepEqual(again, codes);
  });
}

test("one that has the memory of another knows none of its texts", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = seededRandom(seed);
    // Some of more texts than the next one has seats for, some of fewer; some too long for the memory.
    const expected = [0, 100, 50_000][below(random, 3)]!;
    const values = Array.from({ length: 1 + below(random, 20_000) }, () => bytesOf(random, 20));
    values.push(new Uint8Array(SOURCE_BYTES + 1).fill(97 + below(random, 2)));
    const both = pair(expected);
    const { codes, byKernel } = bothIntern(both, textsOf(random, values, 20_000), 0);
    assert.deepEqual(byKernel, codes, `seed ${seed}`);
    assertSameStores(both.store, both.kernelStore, `seed ${seed}`);
    both.kernel.release();
  }
});

for (const first of [1, 10_000]) {
  test(`a packed text that ends beyond the bytes is not taken, numbers from ${first} on`, () => {
    const { kernel, kernelStore } = pair();
    const texts = Array.from({ length: 9000 }, (_, i) => Buffer.from(`text ${first + i}`));
    const codes = new Int32Array(texts.length);
    const intern = () => kernel.internAll(kernelStore, damagedTexts(texts), texts.length, codes, 0);
    assert.throws(intern, /damaged/);
    assert.equal(kernelStore.size, texts.length - 1);
  });
}

const K = 0x9e3779b97f4a7c15n;
const MASK = 2n ** 64n - 1n;
/** The kernel's hash of the first of two words. */
const first = (length: bigint, word: bigint): bigint => {
  const h = ((length ^ word) * K) & MASK;
  return h ^ (h >> 32n);
};

test("different texts with one hash stay different", () => {
  const two = (a: bigint, b: bigint): Uint8Array =>
    new Uint8Array(BigUint64Array.of(a, b).buffer.slice(0));
  const [a, b, last] = [1234567n, 89101112n, 0x6162636465666768n];
  const values = [two(a, last), two(b, last ^ first(16n, a) ^ first(16n, b)), two(a, last + 1n)];
  const both = pair();
  const texts = textsOf(seededRandom(1), values, 500);
  const { codes, byKernel } = bothIntern(both, texts, 0);
  // Which code a text gets may differ here; that equal texts have equal ones, and what they say, not.
  const says = (store: TextStore, all: Int32Array) => Array.from(all, (c) => [...store.utf8(c)]);
  assert.deepEqual(says(both.kernelStore, byKernel), says(both.store, codes));
  assert.equal(both.kernelStore.size, 3);
  assert.equal(TextKernel.create(both.kernelStore), undefined, "the twin is to have such a store");
});

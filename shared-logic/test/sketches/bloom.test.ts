import assert from "node:assert/strict";
import { test } from "node:test";
import { murmur3Text } from "../../src/hash/murmur3.ts";
import { seededRandom } from "../../src/ports/random.ts";
import { Bloom, bloomFalsePositives } from "../../src/sketches/bloom.ts";

const drawn = (n: number, seed: number): Uint32Array => {
  const random = seededRandom(seed);
  return Uint32Array.from({ length: 4 * n }, () => random.u32());
};

const all = (lanes: Uint32Array): Int32Array =>
  Int32Array.from({ length: lanes.length / 4 }, (_, i) => i);

function known(bloom: Bloom, lanes: Uint32Array): number {
  const hits = new Uint8Array(lanes.length / 4);
  bloom.mark(lanes, all(lanes), 0, hits.length, hits);
  return hits.reduce((sum, hit) => sum + hit, 0);
}

function added(bloom: Bloom, lanes: Uint32Array): Uint8Array {
  const before = new Uint8Array(lanes.length / 4);
  bloom.addAll(lanes, all(lanes), 0, before.length, before);
  return before;
}

/** Lanes of texts, as an event's id has them. */
function lanesOf(texts: readonly string[]): Uint32Array {
  const lanes = new Uint32Array(4 * texts.length);
  for (const [i, text] of texts.entries()) lanes.set(murmur3Text(text), 4 * i);
  return lanes;
}

test("ids of a few letters are taken for known as rarely as others", () => {
  const [ids, probes] = [50_000, 200_000];
  const letters = (n: number, length: number): string =>
    n.toString(36).padStart(length, "0").slice(-length);
  for (const length of [4, 5, 8, 9, 20]) {
    const bloom = new Bloom(ids, 16);
    const texts = Array.from({ length: ids + probes }, (_, n) => letters(n, length));
    added(bloom, lanesOf(texts.slice(0, ids)));
    // Nine of 10,000 are 180; four standard deviations are 54.
    const hits = known(bloom, lanesOf(texts.slice(ids)));
    assert.ok(hits <= 234, `${hits} of ${probes} of ${length} letters`);
  }
});

test("a full filter knows every id it was given and few others", () => {
  const [ids, probes] = [50_000, 500_000];
  const bloom = new Bloom(ids, 16);
  const first = drawn(ids, 7);
  const contained = added(bloom, first).reduce((sum, hit) => sum + hit, 0);
  assert.equal(bloom.count, ids - contained);
  assert.equal(known(bloom, first), ids);
  assert.ok(bloom.count <= ids && bloom.count > ids * (1 - bloomFalsePositives(16)));
  // Nine of 10,000 of 500,000 are 450; three standard deviations are 64.
  const hits = known(bloom, drawn(probes, 8));
  assert.ok(hits <= 514, `${hits} false positives`);
  assert.ok(bloom.sizeBytes / ids <= 2.01);
  assert.ok(
    added(bloom, first).every((hit) => hit === 1),
    "a second time none is fresh",
  );
});

test("ids that are not asked for are left alone", () => {
  const bloom = new Bloom(1000, 16);
  const lanes = drawn(10, 9);
  const order = Int32Array.of(0, 7, 4, 2, 9);
  const hits = new Uint8Array(10);
  bloom.addAll(lanes, order, 1, 4, hits);
  assert.equal(bloom.count, 3);
  bloom.mark(lanes, all(lanes), 0, 10, hits);
  assert.deepEqual([...hits], [0, 0, 1, 0, 1, 0, 0, 1, 0, 0]);
});

test("a filter from another's words knows the same", () => {
  const [bloom, ids] = [new Bloom(1000, 16), drawn(1000, 10)];
  added(bloom, ids);
  const copy = new Bloom(1000, 16, bloom.words.slice(), bloom.count);
  assert.deepEqual(copy.words, bloom.words);
  assert.equal(known(copy, ids), 1000);
});

test("an id of another tenant or day, whose first lanes differ, is another id", () => {
  const bloom = new Bloom(1000, 16);
  added(bloom, Uint32Array.of(1, 2, 3, 4));
  assert.equal(known(bloom, Uint32Array.of(1 ^ 0x9b3fa1c5, 2, 3, 4)), 0);
  assert.equal(known(bloom, Uint32Array.of(1, 2 ^ 0x4e7d21ff, 3, 4)), 0);
});

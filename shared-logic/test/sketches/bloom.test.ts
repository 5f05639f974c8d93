import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../src/ports/random.ts";
import { BLOOM_FALSE_POSITIVES, Bloom } from "../../src/sketches/bloom.ts";

const drawn = (n: number, seed: number): Uint32Array => {
  const random = seededRandom(seed);
  return Uint32Array.from({ length: 4 * n }, () => random.u32());
};

function probesOf(bloom: Bloom, lanes: Uint32Array): Int32Array {
  const probes = new Int32Array(lanes.length);
  bloom.probe(lanes, lanes.length / 4, probes);
  return probes;
}

function known(bloom: Bloom, lanes: Uint32Array): number {
  const hits = new Uint8Array(lanes.length / 4);
  bloom.mark(probesOf(bloom, lanes), 0, hits.length, hits);
  return hits.reduce((sum, hit) => sum + hit, 0);
}

function added(bloom: Bloom, lanes: Uint32Array): Uint8Array {
  const before = new Uint8Array(lanes.length / 4);
  bloom.addAll(probesOf(bloom, lanes), 0, before.length, before);
  return before;
}

test("a full filter knows every id it was given and few others", () => {
  const [ids, probes] = [50_000, 500_000];
  const bloom = new Bloom(ids);
  const first = drawn(ids, 7);
  const contained = added(bloom, first).reduce((sum, hit) => sum + hit, 0);
  assert.equal(bloom.count, ids - contained);
  assert.equal(known(bloom, first), ids);
  assert.ok(bloom.count <= ids && bloom.count > ids * (1 - BLOOM_FALSE_POSITIVES));
  // Two of 10,000 of 500,000 are 100; three standard deviations are 30.
  const hits = known(bloom, drawn(probes, 8));
  assert.ok(hits <= 130, `${hits} false positives`);
  assert.ok(
    added(bloom, first).every((hit) => hit === 1),
    "a second time none is fresh",
  );
});

test("ids outside the range asked for are left alone", () => {
  const bloom = new Bloom(1000);
  const probes = probesOf(bloom, drawn(10, 9));
  const hits = new Uint8Array(10);
  bloom.addAll(probes, 2, 5, hits);
  bloom.mark(probes, 0, 10, hits);
  assert.deepEqual([...hits], [0, 0, 1, 1, 1, 0, 0, 0, 0, 0]);
});

test("an id of another tenant or day, whose first lanes differ, is another id", () => {
  const bloom = new Bloom(1000);
  added(bloom, Uint32Array.of(1, 2, 3, 4));
  assert.equal(known(bloom, Uint32Array.of(1 ^ 0x9b3fa1c5, 2, 3, 4)), 0);
  assert.equal(known(bloom, Uint32Array.of(1, 2 ^ 0x4e7d21ff, 3, 4)), 0);
});

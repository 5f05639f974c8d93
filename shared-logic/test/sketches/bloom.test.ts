import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../src/ports/random.ts";
import { BLOOM_FALSE_POSITIVES, Bloom } from "../../src/sketches/bloom.ts";

test("a full filter knows every id it was given and few others", () => {
  const [ids, probes] = [50_000, 500_000];
  const random = seededRandom(7);
  const next = (): [number, number, number, number] => [
    random.u32(),
    random.u32(),
    random.u32(),
    random.u32(),
  ];
  const bloom = new Bloom(ids);
  const added = Array.from({ length: ids }, next);
  for (const id of added) bloom.add(...id);
  for (const id of added) assert.ok(bloom.has(...id));
  assert.ok(bloom.count <= ids && bloom.count > ids * (1 - BLOOM_FALSE_POSITIVES));
  let hits = 0;
  for (let i = 0; i < probes; i++) if (bloom.has(...next())) hits++;
  // Two of 10,000 of 500,000 are 100; three standard deviations are 30.
  assert.ok(hits <= 130, `${hits} false positives`);
  assert.ok(!bloom.add(...added[0]!), "a second time is not fresh");
});

test("an id of another tenant or day, whose first lanes differ, is another id", () => {
  const bloom = new Bloom(1000);
  bloom.add(1, 2, 3, 4);
  assert.ok(!bloom.has(1 ^ 0x9b3fa1c5, 2, 3, 4));
  assert.ok(!bloom.has(1, 2 ^ 0x4e7d21ff, 3, 4));
});

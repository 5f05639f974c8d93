// Bytes of records: nobody else's while they are out, used again only once they were given back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { recordSpace } from "../../src/collector/record-space.ts";

test("requests at the same time never share bytes", () => {
  const lease = recordSpace(100, 4);
  const leases = [lease(), lease(), lease()];
  const taken = Array.from({ length: 60 }, (_, i) => leases[i % 3]?.take(30).fill(i));
  for (const [i, bytes] of taken.entries()) assert.deepEqual(bytes, new Uint8Array(30).fill(i));
});

test("what was given back is used again, what was not is left alone", () => {
  const lease = recordSpace(100, 4);
  const first = lease();
  const kept = lease();
  const [a, b] = [first.take(80), first.take(80)];
  const c = kept.take(80);
  first.giveBack();
  const again = lease();
  const buffers = [again.take(80), again.take(80), again.take(80)].map((bytes) => bytes.buffer);
  assert.deepEqual(new Set(buffers.slice(0, 2)), new Set([a.buffer, b.buffer]));
  assert.ok(buffers[2] !== c.buffer && buffers[2] !== a.buffer && buffers[2] !== b.buffer);
});

test("giving back twice gives nobody else's bytes away", () => {
  const lease = recordSpace(100, 4);
  const one = lease();
  one.take(50);
  one.giveBack();
  one.giveBack();
  const [two, three] = [lease(), lease()];
  assert.notEqual(two.take(50).buffer, three.take(50).buffer);
});

test("more than a block is of its own, and only so many blocks wait", () => {
  const lease = recordSpace(100, 1);
  const one = lease();
  const large = one.take(101);
  assert.equal(large.length, 101);
  const blocks = new Set([one.take(100).buffer, one.take(100).buffer]);
  one.giveBack();
  one.giveBack();
  const next = lease();
  const reused = [next.take(100), next.take(100)].filter((bytes) => blocks.has(bytes.buffer));
  assert.equal(reused.length, 1);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Lru } from "../src/lru.ts";

test("forgets what was not asked for the longest time", () => {
  const lru = new Lru<number>(2);
  lru.set("a", 1);
  lru.set("b", 2);
  lru.get("a");
  lru.set("c", 3);
  assert.deepEqual(
    ["a", "b", "c"].map((k) => lru.get(k)),
    [1, undefined, 3],
  );
});

test("holds no more than its capacity, and nothing larger than it", () => {
  const lru = new Lru<string>(10, (v) => v.length);
  lru.set("a", "12345");
  lru.set("b", "1234567");
  assert.deepEqual([lru.get("a"), lru.get("b")], [undefined, "1234567"]);
  lru.set("b", "12345678901");
  assert.equal(lru.size, 0);
  lru.set("c", "1");
  lru.set("c", "12");
  lru.set("d", "12345678");
  assert.equal(lru.size, 2);
});

// Kept partial states: what is read is what was written, and no damage to the bytes goes unseen.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  below,
  decodePartial,
  encodePartial,
  epochMs,
  type PartialRow,
  seededRandom,
  TandemError,
} from "@tandem/shared-logic";

const random = seededRandom(5);
const rows: PartialRow[] = Array.from({ length: 40 }, (_, n) => ({
  tenant: n % 3 ? "shop" : "",
  set: n % 2,
  group: n % 2 ? `["${n}"]` : "[]",
  startMs: epochMs(n * 3_600_000),
  events: n,
  skipped: n % 5,
  state: Uint8Array.from({ length: below(random, 30) }, () => below(random, 256)),
}));
const bytes = encodePartial(rows);

const refused = (damaged: Uint8Array, what: string): void =>
  assert.throws(
    () => decodePartial(damaged),
    (error) => error instanceof TandemError && error.code === "corrupt_bytes",
    what,
  );

test("rows come back in one order, whatever order they were given in", () => {
  assert.deepEqual(encodePartial([...rows].reverse()), bytes);
  assert.deepEqual(encodePartial(decodePartial(bytes)), bytes);
  assert.equal(decodePartial(bytes).length, rows.length);
  assert.deepEqual(decodePartial(encodePartial([])), []);
});

test("a flipped bit is found, wherever it is", () => {
  for (let at = 0; at < bytes.length; at++) {
    const damaged = bytes.slice();
    damaged[at]! ^= 1 << below(random, 8);
    refused(damaged, `byte ${at}`);
  }
});

test("bytes cut short or added are found", () => {
  for (let length = 0; length < bytes.length; length++)
    refused(bytes.subarray(0, length), `${length} bytes`);
  refused(Uint8Array.of(...bytes, 0), "a byte more");
});

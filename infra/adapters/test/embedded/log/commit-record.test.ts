// Records of a commit file: whole ones in their order, and nothing that only looks like a successor.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readRounds, recordBytes, writeRecord } from "../../../src/embedded/log/commit-record.ts";
import { Frames } from "../../../src/embedded/log/frames.ts";

function part(partition: number, base: number, text: string) {
  const frames = new Frames(16);
  frames.add({ partition: 0, key: new Uint8Array(2), value: new TextEncoder().encode(text) });
  return { partition, base, frames };
}

const FILE = new Uint8Array(4096);

/** Writes records one behind the other, over what is there. */
function file(...records: { stamp: number; number: number; parts: ReturnType<typeof part>[] }[]) {
  let at = 0;
  for (const { stamp, number, parts } of records) {
    const end = at + recordBytes(parts);
    writeRecord(FILE.subarray(at, end), stamp, number, parts);
    at = end;
  }
  return readRounds(FILE).map((r) => [
    r.number,
    r.parts.map((p) => [p.partition, p.base, p.count]),
  ]);
}

test("rounds are read as they were written, each partition's frames with their offsets", () => {
  const parts = [part(0, 7, "a"), part(3, 1e12, "bb")];
  const found = file(
    { stamp: 5, number: 1, parts },
    { stamp: 5, number: 2, parts: [part(1, 0, "c")] },
  );
  assert.deepEqual(found, [
    [
      1,
      [
        [0, 7, 1],
        [3, 1e12, 1],
      ],
    ],
    [2, [[1, 0, 1]]],
  ]);
  const [first] = readRounds(FILE);
  assert.deepEqual(
    first?.parts[1]?.bytes,
    parts[1]?.frames.bytes.subarray(0, parts[1].frames.sizeBytes),
  );
});

test("a record of another stamp or number is no successor, wherever it comes from", () => {
  const parts = [part(0, 0, "x")];
  const one = { stamp: 5, number: 8, parts };
  assert.equal(file(one, { stamp: 5, number: 9, parts }).length, 2);
  assert.equal(file(one, { stamp: 6, number: 9, parts }).length, 1);
  assert.equal(file(one, { stamp: 5, number: 10, parts }).length, 1);
});

// Memory is used again once it was freed, never before, and never more than once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AnswerMemory } from "../../../src/kafka/wire/answer-memory.ts";

const MIB = 1 << 20;

test("what was freed is given out again, for answers of about its size", () => {
  const memory = new AnswerMemory();
  const first = memory.take(MIB);
  assert.equal(first.length, MIB);
  assert.notEqual(memory.take(MIB).buffer, first.buffer);
  memory.free(first.subarray(100, 200));
  assert.notEqual(memory.take(100_000).buffer, first.buffer, "far too large");
  assert.notEqual(memory.take(4 * MIB).buffer, first.buffer, "too small");
  const again = memory.take(MIB + 100);
  assert.equal(again.buffer, first.buffer);
  assert.equal(again.length, MIB + 100);
});

test("freed twice, it is given out once", () => {
  const memory = new AnswerMemory();
  const first = memory.take(MIB);
  memory.free(first);
  memory.free(first);
  assert.equal(memory.take(MIB).buffer, first.buffer);
  assert.notEqual(memory.take(MIB).buffer, first.buffer);
});

test("memory of others and of short answers is left alone", () => {
  const memory = new AnswerMemory();
  const short = memory.take(1000);
  const other = Buffer.allocUnsafeSlow(MIB);
  memory.free(short);
  memory.free(other);
  memory.free(Buffer.from("in the pool of all buffers"));
  assert.notEqual(memory.take(1000).buffer, short.buffer);
  assert.notEqual(memory.take(MIB).buffer, other.buffer);
});

test("no more than 16 MiB wait", () => {
  const memory = new AnswerMemory();
  const taken = Array.from({ length: 40 }, () => memory.take(MIB));
  for (const each of taken) memory.free(each);
  const known = new Set(taken.map((each) => each.buffer));
  const again = Array.from({ length: 40 }, () => memory.take(MIB).buffer);
  const kept = again.filter((buffer) => known.has(buffer));
  assert.equal(kept.length, 15, "each has a little more than was asked for");
});

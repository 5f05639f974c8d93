// A connection's last head. Law: whatever is found in place of reading is what reading gives, and the kept head is found
// again with any length.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HeadMemory } from "../../src/collector/head-memory.ts";
import { readPlainHead } from "../../src/collector/plain-head.ts";

const headOf = (length: string, more = ""): Buffer =>
  Buffer.from(
    `POST /events?verbose=1 HTTP/1.1\r\nhost: x\r\nContent-Length:\t${length} \r\nx-api-key: a${more}\r\n\r\n[]`,
    "latin1",
  );
const KEPT = headOf("12");

function remembering(bytes = KEPT): HeadMemory {
  const memory = new HeadMemory();
  memory.keep(bytes, readPlainHead(bytes)!);
  return memory;
}

test("the kept head is found again, however long its body is", () => {
  for (const length of ["12", "0", "7", "00012", "65536", "99999999"]) {
    const found = remembering().find(headOf(length));
    assert.deepEqual(found, readPlainHead(headOf(length)));
    assert.equal(found?.bodyBytes, Number(length));
  }
});

test("what is found is what reading gives", () => {
  const lengths = fc.constantFrom(
    "",
    " ",
    "1 2",
    "+1",
    "1,1",
    "0x1",
    "123456789",
    "\x00",
    "1\r\na: b",
  );
  const lines = fc.constantFrom("\r\nx-api-key: a", "\r\n\r\n", "\r\nContent-Length: 3", "\r", "1");
  fc.assert(
    fc.property(
      fc.option(lengths, { nil: "12" }),
      fc.nat(KEPT.length),
      fc.nat(3),
      fc.option(fc.oneof(lines, fc.string({ maxLength: 3 })), { nil: "" }),
      (length, at, dropped, put) => {
        const text = headOf(length).toString("latin1");
        const bytes = Buffer.from(text.slice(0, at) + put + text.slice(at + dropped), "latin1");
        const found = remembering().find(bytes);
        if (found !== undefined) assert.deepEqual(found, readPlainHead(bytes));
      },
    ),
    { numRuns: 2000 },
  );
  for (let end = 0; end < KEPT.length - 2; end++)
    assert.equal(remembering().find(KEPT.subarray(0, end)), undefined, `${end} bytes`);
});

test("bytes may change once they are kept", () => {
  const bytes = Buffer.from(KEPT);
  const memory = remembering(bytes);
  bytes.fill(0);
  assert.ok(memory.find(KEPT));
});

test("long heads are not kept, nor those of a client whose heads always differ", () => {
  const long = headOf("12", "a".repeat(1000));
  assert.equal(remembering(long).find(long), undefined);
  const memory = new HeadMemory();
  const keep = (more: string): void =>
    memory.keep(headOf("1", more), readPlainHead(headOf("1", more))!);
  for (const more of ["a", "b", "c"]) keep(more);
  assert.ok(memory.find(headOf("1", "c")));
  for (const more of ["a", "b", "c", "d", "e"]) keep(more);
  assert.equal(memory.find(headOf("1", "e")), undefined);
});

// However many bytes there are and whatever came before, both ways give the same CRC-32.
import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 as zlibCrc32 } from "node:zlib";
import { below, seededRandom } from "@tandem/shared-logic";
import { crcBinary } from "../../src/crc/crc-binary.ts";
import { crc32 } from "../../src/crc/crc32.ts";

test("CRC-32 is zlib's, of few bytes and of many, in one go and in two", () => {
  const random = seededRandom(3);
  for (let i = 0; i < 300; i++) {
    const size = below(random, i % 10 === 0 ? 200_000 : 4000);
    const bytes = Uint8Array.from({ length: size }, () => random.u32());
    const before = i % 3 === 0 ? 0 : random.u32();
    const expected = zlibCrc32(bytes, before);
    assert.equal(crc32(bytes, before), expected, `${size} bytes after ${before}`);
    const at = below(random, size + 1);
    const head = crc32(bytes.subarray(0, at), before);
    assert.equal(crc32(bytes.subarray(at), head), expected, `${at} and the rest of ${size} bytes`);
  }
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
});

test("the binary has the check values of both codes", { skip: crcBinary === undefined }, () => {
  const check = new TextEncoder().encode("123456789");
  assert.equal(crcBinary?.crc32(check, 0), 0xcbf43926);
  assert.equal(crcBinary?.crc32c(check), 0xe3069283);
});

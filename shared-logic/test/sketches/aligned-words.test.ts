// Words are zeros, as many as asked for, alone in their memory; many of them begin with a page where there is an engine
// with room for one more memory, and are there without.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PAGE_BYTES, webAssembly } from "../../src/events/kernels/web-assembly.ts";
import { alignedWords } from "../../src/sketches/aligned-words.ts";

const COUNTS = [1, 16, 9_776, 32_767, 32_768, 78_128, 1_000_000];

const noRoom = {
  ...webAssembly!,
  Memory: class {
    readonly buffer = new ArrayBuffer(0);
    grow = (): number => -1;
    constructor() {
      throw new RangeError("no room");
    }
  },
};

for (const [name, engine] of [
  ["WebAssembly", webAssembly],
  ["without room", noRoom],
] as const) {
  test(`as many zeros as asked for (${name})`, () => {
    for (const count of COUNTS) {
      const words = alignedWords(count, engine);
      assert.equal(words.length, count);
      assert.ok(words.every((word) => word === 0));
      words.fill(7);
      assert.ok(alignedWords(count, engine).every((word) => word === 0));
      const isPaged = words.byteOffset === 0 && words.buffer.byteLength % PAGE_BYTES === 0;
      assert.equal(isPaged, engine === webAssembly && 4 * count >= 128 << 10, `${count}`);
    }
  });
}

// Files of the operating system: a synced file holds what was written, whether the writes could go past the page cache.
import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeFiles } from "../../../src/embedded/files/node-files.ts";
import { pageMemory } from "../../../src/embedded/files/page-memory.ts";
import { freshFolder } from "../../fresh-folder.ts";

const BLOCK = nodeFiles.blockBytes;

const WRITES: Readonly<Record<string, readonly { at: number; memoryAt: number; bytes: number }[]>> =
  {
    "whole blocks": [
      { at: 0, memoryAt: 0, bytes: 4 * BLOCK },
      { at: 2 * BLOCK, memoryAt: BLOCK, bytes: BLOCK },
    ],
    "whole blocks from the middle of a page": [
      { at: 0, memoryAt: 0, bytes: 4 * BLOCK },
      { at: BLOCK, memoryAt: 24, bytes: 2 * BLOCK },
      { at: 3 * BLOCK, memoryAt: 0, bytes: BLOCK },
    ],
    "parts of blocks, and blocks over them": [
      { at: 0, memoryAt: 0, bytes: 100 },
      { at: 100, memoryAt: 0, bytes: BLOCK },
      { at: BLOCK, memoryAt: 0, bytes: BLOCK },
      { at: 2 * BLOCK - 9, memoryAt: 0, bytes: 3 * BLOCK },
    ],
  };

for (const [what, writes] of Object.entries(WRITES)) {
  test(`a synced file holds what was written: ${what}`, async () => {
    const path = `${freshFolder()}/file`;
    const expected = new Uint8Array(6 * BLOCK);
    let sizeBytes = 0;
    let file = await nodeFiles.open(path, "create-synced");
    for (const [i, { at, memoryAt, bytes }] of writes.entries()) {
      const own = pageMemory(8 * BLOCK).subarray(memoryAt, memoryAt + bytes);
      own.fill(i + 1);
      await file.write(at, own);
      expected.set(own, at);
      sizeBytes = Math.max(sizeBytes, at + bytes);
      const found = await file.read(0, 9 * BLOCK);
      assert.deepEqual(found, expected.subarray(0, sizeBytes), `write ${i}`);
      await file.close();
      file = await nodeFiles.open(path, "update-synced");
    }
    assert.equal(await file.sizeBytes(), sizeBytes);
    await file.truncate(BLOCK);
    assert.deepEqual(await file.read(0, 9 * BLOCK), expected.subarray(0, BLOCK));
    await file.close();
  });
}

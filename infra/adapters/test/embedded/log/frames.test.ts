// A packed record is written as the same record with views of its own would be, whether it comes with its check or not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { below, PackedRecord, seededRandom } from "@tandem/shared-logic";
import { Frames } from "../../../src/embedded/log/frames.ts";

test("frames of packed records are those of their keys and values", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = seededRandom(seed);
    const bytes = Uint8Array.from({ length: 400 }, () => random.u32());
    const [packed, plain] = [new Frames(64), new Frames(64)];
    for (let i = 0; i < 20; i++) {
      const [keyAt = 0, valueAt = 0, end = 0] = [0, 0, 0]
        .map(() => below(random, bytes.length))
        .sort((a, b) => a - b);
      const keyBytes = valueAt - keyAt;
      const payload = [keyBytes & 255, keyBytes >> 8, 0, 0, ...bytes.subarray(keyAt, end)];
      const check = crc32(Uint8Array.from(payload), payload.length);
      const record = new PackedRecord(0, bytes, keyAt, valueAt, end, i % 2 ? check : undefined);
      packed.add(record);
      plain.add({ partition: 0, key: record.key, value: record.value });
    }
    const shown = ({ bytes, starts, ends, count, sizeBytes }: Frames) => ({
      bytes: bytes.subarray(0, sizeBytes),
      starts: starts.subarray(0, count),
      ends: ends.subarray(0, count),
    });
    assert.deepEqual(shown(packed), shown(plain), `seed ${seed}`);
  }
});

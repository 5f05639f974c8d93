// Values that begin alike come back, and so does the example of what another writer makes: any prefixes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeDelta } from "../../src/parquet/delta.ts";
import { expanded } from "../../src/parquet/delta-byte-array.ts";
import { readSlices } from "../../src/parquet/entries.ts";
import { ParquetFile } from "../../src/parquet/file.ts";
import type { Page } from "../../src/parquet/page.ts";
import { PageBytes } from "../../src/parquet/page-bytes.ts";
import { writeParquet } from "../../src/parquet/write-file.ts";

function pageOf(shared: readonly number[], rest: readonly string[]): Page {
  const out = new PageBytes();
  encodeDelta(Float64Array.from(shared), 0, shared.length, out);
  encodeDelta(
    Float64Array.from(rest, (text) => text.length),
    0,
    rest.length,
    out,
  );
  out.raw(Buffer.from(rest.join("")));
  const [rows, bytes] = [rest.length, out.done()];
  const encoding = "DELTA_BYTE_ARRAY";
  return { dictionary: false, encoding, rows, dense: rows, present: undefined, bytes, at: 0 };
}

test("any prefixes: axis, axle, babble, babyhood", () => {
  const { bytes, encoding } = expanded(pageOf([0, 2, 0, 3], ["axis", "le", "babble", "yhood"]));
  assert.equal(encoding, "PLAIN");
  const plain = ["axis", "axle", "babble", "babyhood"].map((text) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    return Buffer.concat([length, Buffer.from(text)]);
  });
  assert.deepEqual(Buffer.from(bytes), Buffer.concat(plain));
});

test("a prefix longer than the value before it, and bytes that end early, are refused", () => {
  assert.throws(() => expanded(pageOf([0, 5], ["axis", "le"])), { code: "corrupt_bytes" });
  assert.throws(() => expanded(pageOf([1], ["axis"])), { code: "corrupt_bytes" });
  const page = pageOf([0, 2], ["axis", "le"]);
  const cut = { ...page, bytes: page.bytes.subarray(0, page.bytes.length - 1) };
  assert.throws(() => expanded(cut), { code: "corrupt_bytes" });
});

test("columns of texts that begin alike, some absent, over pages", async () => {
  for (const length of [0, 1, 70_000]) {
    const texts = Array.from({ length: 40 }, (_, i) =>
      i % 5 === 3 ? undefined : `${"é".repeat(length)}${i % 2 === 0 ? "" : i}`,
    );
    const bytes = Buffer.from(texts.map((text) => text ?? "").join(""));
    const [starts, ends] = [new Int32Array(40).fill(-1), new Int32Array(40).fill(-1)];
    for (let i = 0, at = 0; i < 40; i++) {
      const text = texts[i];
      if (text === undefined) continue;
      starts[i] = at;
      at += Buffer.byteLength(text);
      ends[i] = at;
    }
    const column = { name: "t", optional: true, kind: "slices", text: true, packed: true } as const;
    const file = new ParquetFile(await writeParquet(40, [{ ...column, bytes, starts, ends }]));
    const back = readSlices(file, "t");
    const read = texts.map((_, i) =>
      back.starts[i]! < 0
        ? undefined
        : Buffer.from(back.bytes.subarray(back.starts[i], back.ends[i])).toString(),
    );
    assert.deepEqual(read, texts);
  }
});

// Record batches as values: what Java wrote, what we write, and bytes that are damaged in any way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { below, type RecordBatch, seededRandom, TandemError } from "@tandem/shared-logic";
import { BatchBuilder } from "../../../src/kafka/batch/batch-builder.ts";
import { crc32c } from "../../../src/kafka/batch/crc32c.ts";
import { BATCH } from "../../../src/kafka/batch/layout.ts";
import { readBatches } from "../../../src/kafka/batch/read-batches.ts";
import { writeInt64 } from "../../../src/kafka/wire/wire-writer.ts";
import { ABORTED, GZIP, LZ4, PLAIN, SNAPPY, TRANSACTIONS, ZSTD } from "./java-batches.ts";

const ALL = 1 << 30;
const texts = (batch: RecordBatch): string[] =>
  Array.from(batch.starts, (start, i) =>
    new TextDecoder().decode(batch.bytes.subarray(start, batch.ends[i])),
  );
const set = (base64: string) => Buffer.from(base64, "base64");
const read = (bytes: Buffer, from = 0, maxBytes = ALL, aborted: typeof ABORTED = []) =>
  readBatches({ partition: 3, bytes, aborted }, from, maxBytes);

const WRITTEN = ["first", "no key, later", "", "with headers", "x".repeat(300), ""];

for (const [name, base64] of Object.entries({ PLAIN, GZIP, ZSTD })) {
  test(`Java's records, ${name}: values, offsets, null and empty values`, () => {
    const batch = read(set(base64));
    assert.deepEqual(texts(batch), WRITTEN);
    assert.deepEqual([...batch.offsets], [0, 1, 2, 3, 4, 5]);
    assert.deepEqual([batch.partition, batch.count, batch.to], [3, 6, 6]);
    assert.deepEqual(texts(read(set(base64), 3)), WRITTEN.slice(3));
    assert.deepEqual([read(set(base64), 6).count, read(set(base64), 6).to], [0, 6]);
    const small = read(set(base64), 1, 14);
    assert.deepEqual([texts(small), small.to], [WRITTEN.slice(1, 3), 3]);
    const one = read(set(base64), 4, 0);
    assert.deepEqual([texts(one), one.to], [["x".repeat(300)], 5]);
  });
}

test("lz4 and snappy are refused by name", () => {
  for (const [base64, name] of [
    [LZ4, /lz4/],
    [SNAPPY, /snappy/],
  ] as const) {
    assert.throws(() => read(set(base64)), { code: "configuration", message: name });
  }
});

test("aborted transactions and markers are left out, `to` moves past them", () => {
  const committed = read(set(TRANSACTIONS), 0, ALL, ABORTED);
  assert.deepEqual(texts(committed), ["committed 0", "committed 1"]);
  assert.deepEqual([[...committed.offsets], committed.to], [[4, 5], 9]);
  assert.deepEqual([read(set(TRANSACTIONS), 6, ALL, ABORTED).count], [0]);
  // Without the list all are seen but the markers.
  assert.equal(read(set(TRANSACTIONS)).count, 6);
});

interface Given {
  readonly value: Buffer;
  readonly offset: number;
}

/** Some batches, one behind the other, with gaps between as compaction leaves them. */
async function randomSet(seed: number): Promise<{ bytes: Buffer; given: Given[]; to: number }> {
  const random = seededRandom(seed);
  const given: Given[] = [];
  const parts: Buffer[] = [];
  let offset = below(random, 1000) * 2 ** below(random, 40);
  for (let b = 0; b < 1 + below(random, 4); b++) {
    const builder = new BatchBuilder();
    for (let i = 0; i < 1 + below(random, 40); i++) {
      const size = below(random, 8) === 0 ? below(random, 5000) : below(random, 100);
      const value = Buffer.from(Array.from({ length: size }, () => random.u32()));
      builder.add(new Uint8Array(below(random, 30)), value, 1_700_000_000_000 + below(random, 1e9));
      given.push({ value, offset: offset + i });
    }
    await builder.seal((["none", "gzip", "zstd"] as const)[below(random, 3)] ?? "none");
    const bytes = Buffer.from(
      builder.signed({ producerId: below(random, 1e6), producerEpoch: 1, sequence: 7 }),
    );
    writeInt64(bytes, offset, BATCH.baseOffset);
    parts.push(bytes);
    offset += builder.count + below(random, 3) * 10;
  }
  const to = (given.at(-1)?.offset ?? 0) + 1;
  return { bytes: Buffer.concat(parts), given, to };
}

test("what is written is read, from any offset, in reads of any size", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { bytes, given, to } = await randomSet(seed);
    const random = seededRandom(seed);
    const first = given[0]?.offset ?? 0;
    for (const maxBytes of [0, 1, 50, 3000, ALL]) {
      const start = given[below(random, given.length)]?.offset ?? first;
      const found: Given[] = [];
      for (let at = start; at < to; ) {
        const batch = read(bytes, at, maxBytes);
        assert.ok(batch.count > 0 && batch.to > at, `seed ${seed}: stays at ${at}`);
        for (let i = 0; i < batch.count; i++) {
          const value = Buffer.from(batch.bytes.subarray(batch.starts[i], batch.ends[i]));
          found.push({ value, offset: batch.offsets[i] ?? -1 });
        }
        at = batch.to;
      }
      const expected = given.filter((g) => g.offset >= start);
      assert.deepEqual(found, expected, `seed ${seed}, ${maxBytes} bytes from ${start}`);
    }
  }
});

test("cut anywhere, the whole batches before the cut are read and no more", async () => {
  const { bytes, given } = await randomSet(5);
  for (let cut = 0; cut < bytes.length; cut += 13) {
    const batch = read(bytes.subarray(0, cut), given[0]?.offset);
    const values = texts(batch);
    assert.deepEqual(
      values,
      given.slice(0, values.length).map((g) => new TextDecoder().decode(g.value)),
    );
  }
});

/** Reads; only the port's errors may come out, and only slices that lie within the bytes. */
function readSafely(bytes: Buffer, seed: number): RecordBatch | undefined {
  try {
    const batch = read(bytes, 0);
    for (let i = 0; i < batch.count; i++) {
      const [start = -1, end = -1] = [batch.starts[i], batch.ends[i]];
      assert.ok(start >= 0 && start <= end && end <= batch.bytes.length, `seed ${seed}`);
    }
    return batch;
  } catch (error) {
    assert.ok(error instanceof TandemError, `seed ${seed}: ${error}`);
    assert.ok(["corrupt_bytes", "configuration"].includes(error.code));
    return undefined;
  }
}

test("a flipped bit behind the checksum is found, elsewhere it breaks nothing", async () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = seededRandom(seed);
    const bytes = set(seed % 2 === 0 ? PLAIN : ZSTD);
    const at = below(random, bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8));
    const batch = readSafely(bytes, seed);
    if (at >= BATCH.crc) assert.equal(batch, undefined, `seed ${seed}: byte ${at}`);
  }
});

test("records that lie about themselves under a right checksum break nothing", async () => {
  for (let seed = 1; seed <= 3000; seed++) {
    const random = seededRandom(seed);
    const bytes = set([PLAIN, ZSTD, GZIP][seed % 3] ?? PLAIN);
    for (let k = 0; k < 1 + below(random, 3); k++) {
      bytes[BATCH.attributes + below(random, bytes.length - BATCH.attributes)] = random.u32();
    }
    bytes.writeUInt32BE(crc32c(bytes.subarray(BATCH.attributes)), BATCH.crc);
    readSafely(bytes, seed);
  }
});

test("messages of the format before 2017 are refused by their number", () => {
  const bytes = set(PLAIN);
  bytes[BATCH.magic] = 1;
  assert.throws(() => read(bytes), { code: "configuration", message: /format 1/ });
});

test("a trace travels beside its record, and other headers are none", () => {
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const builder = new BatchBuilder();
  const add = (text: string, trace?: string) =>
    builder.add(Buffer.from("key"), Buffer.from(text), 5, trace);
  add("a");
  add("b", traceparent);
  add("");
  add("", traceparent);
  void builder.seal("none");
  const bytes = builder.signed({ producerId: 1, producerEpoch: 0, sequence: 0 });
  const batch = read(bytes);
  assert.deepEqual(texts(batch), ["a", "b", "", ""]);
  assert.deepEqual(batch.traces, [
    { offset: 1, traceparent },
    { offset: 3, traceparent },
  ]);
  assert.deepEqual(read(bytes, 2).traces, [{ offset: 3, traceparent }]);
  assert.equal("traces" in read(bytes, 0, 0), false);
  assert.equal("traces" in read(set(PLAIN)), false);
});

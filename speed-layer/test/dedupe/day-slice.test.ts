// A chain of filters under up to nine times the ids that it is made for: what it knows, how many new ones it takes
// for known, and its bytes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@tandem/shared-logic";
import { DaySlice } from "../../src/dedupe/day-slice.ts";
import { CHAIN_FALSE_POSITIVES, MOST_TIMES } from "../../src/dedupe/filter-link.ts";
import { type IdBatch, idBatch } from "../../src/dedupe/id-batch.ts";

const IDS = 4096;
const ASKED = 100 * IDS;

/** So many new ids, as a batch. */
function drawn(seed: number, count: number): IdBatch {
  const random = seededRandom(seed);
  const batch = idBatch(count);
  for (let i = 0; i < batch.lanes.length; i++) batch.lanes[i] = random.u32();
  return batch;
}

function each(batch: IdBatch): IdBatch {
  batch.known.fill(0);
  for (let i = 0; i < batch.order.length; i++) batch.order[i] = i;
  return batch;
}

const sum = (flags: Uint8Array): number => flags.reduce((a, b) => a + b, 0);

function looked(slice: DaySlice, batch: IdBatch): number {
  slice.look(each(batch), batch.order.length);
  return sum(batch.known);
}

/** Three standard deviations above what is claimed. */
const most = (share: number): number => share * ASKED + 3 * Math.sqrt(share * ASKED);

test("a chain knows all its ids and few others, up to eight times what it is made for", () => {
  assert.ok(CHAIN_FALSE_POSITIVES < 0.001);
  const slice = new DaySlice(0, "sent", 0, IDS);
  const batches: IdBatch[] = [];
  const strangers = drawn(100, ASKED);
  for (let times = 1; times <= MOST_TIMES; times++) {
    const batch = drawn(times, IDS);
    slice.add(each(batch), IDS);
    assert.ok(sum(batch.known) <= 16, `${sum(batch.known)} taken for known`);
    assert.equal(sum(batch.forgotten), 0);
    batches.push(batch);
    if (times === 1) {
      assert.equal(slice.links.length, 2);
      assert.ok(looked(slice, strangers) <= most(0.00095));
      const filterBytes = slice.links.reduce((bytes, link) => bytes + link.bloom.sizeBytes, 0);
      assert.ok(filterBytes / IDS <= 2.05, `${filterBytes / IDS} bytes an id`);
    }
  }
  for (const batch of batches) assert.equal(looked(slice, batch), IDS);
  const wrong = looked(slice, strangers);
  assert.ok(wrong <= most(CHAIN_FALSE_POSITIVES), `${wrong} of ${ASKED} taken for known`);
  // Taken for known by mistake, some left room.
  const last = drawn(MOST_TIMES + 1, IDS);
  slice.add(each(last), IDS);
  assert.ok(slice.forgot && sum(last.forgotten) >= IDS - 128);
  // But for those that were taken for ids of filters that are gone.
  for (const batch of batches.slice(1 + MOST_TIMES / 2)) {
    assert.ok(looked(slice, batch) >= IDS - 16);
  }
  assert.equal(looked(slice, last), IDS);
  assert.ok(looked(slice, batches[0]!) < IDS / 10);
});

test("ids that are known take no room", () => {
  const slice = new DaySlice(0, "sent", 0, IDS);
  const batch = drawn(1, IDS - 1);
  for (let again = 0; again < 40; again++) slice.add(each(batch), IDS - 1);
  assert.equal(slice.links.length, 2);
});

test("a chain of few ids is small", () => {
  const slice = new DaySlice(0, "sent", 0, 5_000_000);
  assert.ok(slice.sizeBytes < 50_000, `${slice.sizeBytes}`);
  slice.add(each(drawn(1, 20_000)), 20_000);
  assert.ok(slice.sizeBytes < 320_000, `${slice.sizeBytes}`);
});

// Days of many ids, one after the other: the filters of the second are made for as many as the first had.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY_MS, seededRandom } from "@tandem/shared-logic";
import { DayFilters } from "../../src/dedupe/day-filters.ts";
import { idBatch } from "../../src/dedupe/id-batch.ts";

const GENERATION_IDS = 2000;
const DAY_IDS = 5 * GENERATION_IDS;

test("a day is made for as many ids as the busiest of those kept had, eight times the setting at most", () => {
  const random = seededRandom(1);
  const filters = new DayFilters(GENERATION_IDS, DAY_MS);
  const links: number[] = [];
  const bytes: number[] = [];
  for (const [day, times] of [0.8, 3, 3, 20, 20, 0.5, 0.5].entries()) {
    const batch = idBatch(times * DAY_IDS);
    for (let i = 0; i < batch.lanes.length; i++) batch.lanes[i] = random.u32();
    batch.days.fill(100 + day);
    batch.receivedMs.fill((100 + day) * DAY_MS + DAY_MS / 2);
    filters.addAll(batch, batch.days.length);
    const slice = filters.slices.at(-1) ?? assert.fail();
    assert.equal(slice.forgot, times > 8, `day ${day}`);
    links.push(slice.links.length);
    bytes.push(Math.round(slice.sizeBytes / DAY_IDS));
  }
  assert.deepEqual(links, [2, 4, 2, 2, 2, 2, 2]);
  assert.deepEqual(bytes, [2, 14, 8, 32, 32, 16, 2]);
});

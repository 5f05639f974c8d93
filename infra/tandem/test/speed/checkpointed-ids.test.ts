// The duplicate filters put back from a checkpoint go on as if they had never stopped, at whatever moment it was
// taken, and a checkpoint costs what came since the last one. One of the format before is read without its filters,
// and what they might have known is doubted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryCheckpointStore } from "@tandem/adapters/memory";
import { below, DAY_MS, HOUR_MS, type Random, seededRandom } from "@tandem/shared-logic";
import {
  Checkpoints,
  DayFilters,
  type IdBatch,
  idBatch,
  loseSlices,
  type Part,
  PartitionState,
  restoreSlices,
  takeSlices,
} from "@tandem/speed-layer";

const START = 100 * DAY_MS;
const GENERATION_IDS = 5000;
const FILTER_MS = 24 * HOUR_MS;

interface Id {
  readonly lanes: readonly number[];
  readonly day: number;
  readonly receivedMs: number;
}

function makeIds(random: Random, count: number): Id[] {
  const ids: Id[] = [];
  let receivedMs = START;
  for (let i = 0; i < count; i++) {
    receivedMs += below(random, 2 * 30_000);
    const again = i > 0 && below(random, 8) === 0 ? ids[below(random, i)] : undefined;
    const lanes = again?.lanes ?? Array.from({ length: 4 }, () => random.u32());
    // Most of today, some of days before and of far ahead.
    const shift = below(random, 20) === 0 ? below(random, 6) - 3 : 0;
    const day = again?.day ?? Math.floor(receivedMs / DAY_MS) + shift;
    ids.push({ lanes, day, receivedMs });
  }
  return ids;
}

function added(filters: DayFilters, ids: readonly Id[]): Uint8Array[] {
  const n = ids.length;
  const batch: IdBatch = {
    ...idBatch(n),
    lanes: Uint32Array.from(ids.flatMap((id) => id.lanes)),
    days: Float64Array.from(ids, (id) => id.day),
    receivedMs: Float64Array.from(ids, (id) => id.receivedMs),
  };
  filters.addAll(batch, n);
  return [batch.known, batch.forgotten];
}

for (const [seed, generationIds] of [
  [1, GENERATION_IDS],
  [2, GENERATION_IDS],
  // So few that chains grow,
  [3, 150],
  // and that filters go.
  [4, 5],
] as const) {
  test(`filters put back go on as if they had not stopped (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    const ids = makeIds(random, 12_000);
    const store = new MemoryCheckpointStore();
    const steady = new DayFilters(generationIds, FILTER_MS);
    let filters = new DayFilters(generationIds, FILTER_MS);
    let restarts = 0;
    let from = 0;
    const next = (): readonly Id[] => {
      const part = ids.slice(from, from + 1 + below(random, 150));
      from += part.length;
      return part;
    };
    while (from < ids.length) {
      const part = next();
      assert.deepEqual(added(filters, part), added(steady, part), `ids before ${from}`);
      if (below(random, 2) === 0) continue;
      const parts: Part[] = [];
      const slices = takeSlices(filters, `at-${from}`, parts);
      const taken = structuredClone({ facts: filters.facts, slices });
      // What comes while the parts are written is not in them.
      const meanwhile = below(random, 2) === 0 ? next() : [];
      const said = added(filters, meanwhile);
      assert.deepEqual(said, added(steady, meanwhile), `ids before ${from}`);
      if (below(random, 4) === 0) {
        loseSlices(filters);
        continue;
      }
      for (const { key, bytes } of parts) await store.put(key, bytes);
      if (below(random, 3) > 0) continue;
      filters = new DayFilters(generationIds, FILTER_MS);
      filters.restore(taken.facts);
      assert.ok(await restoreSlices(store, filters, taken.slices));
      assert.deepEqual(added(filters, meanwhile), said, `ids before ${from}, again`);
      assert.deepEqual(filters.facts, steady.facts);
      restarts++;
    }
    assert.ok(restarts > 5);
  });
}

test("a checkpoint of filters costs what came since the last one", async () => {
  const random = seededRandom(4);
  const filters = new DayFilters(1_000_000, FILTER_MS);
  const store = new MemoryCheckpointStore();
  const sizeBytes = async (): Promise<number> => {
    let sum = 0;
    for (const name of await store.list("")) sum += (await store.get(name))?.length ?? 0;
    return sum;
  };
  const step = async (count: number, stem: string): Promise<number> => {
    const before = await sizeBytes();
    const today = (): Id => ({
      lanes: Array.from({ length: 4 }, () => random.u32()),
      day: START / DAY_MS,
      receivedMs: START,
    });
    added(filters, Array.from({ length: count }, today));
    const parts: Part[] = [];
    takeSlices(filters, stem, parts);
    for (const { key, bytes } of parts) await store.put(key, bytes);
    return (await sizeBytes()) - before;
  };
  assert.equal(await step(100, "a"), 1600);
  assert.equal(await step(0, "b"), 0);
  const whole = await step(20_000, "c");
  assert.equal(whole, filters.slices[0]?.links.at(-1)?.bloom.sizeBytes);
  assert.equal(await step(100, "d"), 1600);
});

test("of a checkpoint of format 1 everything is read but the filters", async () => {
  const store = new MemoryCheckpointStore();
  const settings = { ringIds: 16, generationIds: 60, filterMs: FILTER_MS };
  const files = new Checkpoints(store, "web", 0, "a");
  const start = { offset: 7, segment: 2, seq: 0, active: [], settings };
  const source = { byFingerprint: () => undefined, isRetired: () => false };
  const old = {
    ...start,
    format: 1,
    counters: new PartitionState(start, source).counters,
    receivedMs: START,
    uncheckedUntilMs: null,
    nextGeneration: 1,
    generations: [{ id: 0, beganMs: START, newestMs: START, count: 1, part: "speed/web/0/g" }],
    recent: "speed/web/0/r",
    cells: [],
  };
  await store.put("speed/web/0/head", new TextEncoder().encode(JSON.stringify(old)));
  await store.put("speed/web/0/r", new Uint8Array(16));
  await store.put("speed/web/0/g", new Uint8Array(64));
  const head = (await files.head()) ?? assert.fail();
  const state = new PartitionState(head, source);
  assert.ok(await files.restore(head, state));
  assert.deepEqual([state.offset, state.dedupe.recent.size], [7, 1]);
  const id = (hour: number): Id => ({
    lanes: [1, 2, hour << 23, hour << 14],
    day: START / DAY_MS + 1,
    receivedMs: START + hour * HOUR_MS,
  });
  const [known, forgotten] = added(state.dedupe.filters, [id(1), id(23), id(24)]);
  assert.deepEqual(
    [[...known!], [...forgotten!]],
    [
      [0, 0, 0],
      [1, 1, 0],
    ],
  );
  await files.write(files.take(state));
  const after = (await files.head()) ?? assert.fail();
  assert.equal(after.format, 2);
  assert.equal(await store.get("speed/web/0/g"), undefined);
});

test("a checkpoint of a later format is refused, and it is said what to do", async () => {
  const store = new MemoryCheckpointStore();
  await store.put("speed/web/0/head", new TextEncoder().encode(JSON.stringify({ format: 3 })));
  const message =
    "checkpoint speed/web/0 has format 3, this version reads 1 and 2: run the version that wrote it, or remove speed/web/0/head to fold the partition from its start";
  await assert.rejects(new Checkpoints(store, "web", 0, "a").head(), {
    code: "format_version",
    message,
  });
});

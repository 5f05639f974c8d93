// Faults in the speed layer are named by the ledger, with their size inside its interval; what is late is
// explained; without a fault nothing is named, and where every event went adds up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Metric, seededRandom } from "@tandem/shared-logic";
import { sumOfCounters } from "@tandem/speed-layer";
import { dayNamed } from "../stories/stage.ts";
import { DAY, eventsOf, METRICS, of, PEOPLE, Reconciled } from "./reconcile-stage.ts";

const EVENTS = 4000;
const SEEDS = [1, 2];
const NIGHT = "2026-03-03T00:10:00Z";

const inside = (n: number, { low, high }: { low: number; high: number }): boolean =>
  low <= n && n <= high;

/** Where every offset went, in both layers. */
async function accounted(world: Reconciled): Promise<void> {
  const state = world.stage.worker.current;
  assert.ok(state);
  assert.equal(sumOfCounters(state.counters), state.offset);
  const [entries = []] = (await world.stage.batch.archive()).manifest;
  assert.equal(
    entries.reduce((n, e) => n + e.events + e.cuts + e.dead, 0),
    entries.at(-1)?.to,
  );
}

test("0.3 % dropped by the speed layer", async () => {
  for (const seed of SEEDS) {
    const random = seededRandom(seed);
    const world = await Reconciled.at(random, { drop: 0.003 });
    await world.send(eventsOf(random, EVENTS));
    await world.seal(NIGHT);
    const seen = of(await world.reconcile(), "seen");
    const { dropped } = world.injected;
    assert.ok(dropped > 5, `seed ${seed}`);
    assert.deepEqual(seen.unexplained, ["dropped"], `seed ${seed}`);
    assert.ok(inside(dropped, seen.dropped), `seed ${seed}: ${dropped}, ${JSON.stringify(seen)}`);
    assert.deepEqual([seen.difference, seen.duplicated.high], [-dropped, 0], `seed ${seed}`);
    await accounted(world);
  }
});

test("0.5 % counted twice by the speed layer", async () => {
  for (const seed of SEEDS) {
    const random = seededRandom(seed);
    const world = await Reconciled.at(random, { duplicate: 0.005 });
    await world.send(eventsOf(random, EVENTS));
    await world.seal(NIGHT);
    const seen = of(await world.reconcile(), "seen");
    const { duplicated } = world.injected;
    assert.ok(duplicated > 10, `seed ${seed}`);
    assert.deepEqual(seen.unexplained, ["duplicated"], `seed ${seed}`);
    assert.ok(inside(duplicated, seen.duplicated), `seed ${seed}: ${duplicated}`);
    assert.equal(seen.dropped.low, 0);
  }
});

test("both at once: each is named, with its size inside its interval", async () => {
  for (const seed of [4, 5]) {
    const random = seededRandom(seed);
    const world = await Reconciled.at(random, { drop: 0.003, duplicate: 0.005 });
    await world.send(eventsOf(random, EVENTS));
    await world.seal(NIGHT);
    const seen = of(await world.reconcile(), "seen");
    const { dropped, duplicated } = world.injected;
    const where = `seed ${seed}: ${JSON.stringify([world.injected, seen])}`;
    assert.deepEqual(seen.unexplained, ["dropped", "duplicated"], where);
    assert.ok(inside(dropped, seen.dropped) && seen.dropped.low > 0, where);
    assert.ok(inside(duplicated, seen.duplicated) && seen.duplicated.low > 0, where);
    // The intervals say something.
    assert.ok(seen.dropped.high <= 2 * dropped + 5, where);
    assert.ok(seen.duplicated.high <= 2 * duplicated + 5, where);
  }
});

test("2 % delayed: pending, then late, and explained both times", async () => {
  for (const seed of SEEDS) {
    const random = seededRandom(seed);
    const world = await Reconciled.at(random);
    const events = eventsOf(random, EVENTS);
    const delayed = events.filter((_, i) => i % 50 === seed);
    await world.send(events.filter((_, i) => i % 50 !== seed));
    await world.seal(NIGHT);
    await world.stage.until("2026-03-03T20:00:00Z");
    await world.send(delayed);
    // The speed layer has them already, above the run's offsets.
    await world.stage.fold();
    const early = await world.reconcile();
    for (const c of early) assert.deepEqual(c.unexplained, [], `seed ${seed}: ${c.metric}`);
    const before = of(early, "seen");
    assert.deepEqual([before.late, before.difference], [{ low: 0, high: 0 }, 0], `seed ${seed}`);
    assert.equal(before.events.sure, EVENTS - delayed.length);
    await world.seal("2026-03-03T20:10:00Z");
    const found = await world.reconcile();
    const seen = of(found, "seen");
    assert.deepEqual(seen.late, { low: delayed.length, high: delayed.length }, `seed ${seed}`);
    assert.equal(seen.events.batch, EVENTS);
    for (const c of found) assert.deepEqual(c.unexplained, [], `seed ${seed}: ${c.metric}`);
    await accounted(world);
  }
});

test("a wrong hash seed in the speed layer: the same events, other states", async () => {
  const { approx, kernels } = PEOPLE.reducer;
  const append = (state: unknown, text: string | null): unknown =>
    approx.append(state, text === null ? null : `another seed ${text}`);
  const wrong: Metric = {
    ...PEOPLE,
    reducer: {
      ...PEOPLE.reducer,
      approx: { ...approx, append },
      kernels: kernels?.exact ? { exact: kernels.exact } : {},
    },
  };
  for (const seed of SEEDS) {
    const random = seededRandom(seed);
    const metrics = METRICS.map((m) => (m === PEOPLE ? wrong : m));
    const world = await Reconciled.at(random, {}, metrics);
    await world.send(eventsOf(random, 2000));
    await world.seal(NIGHT);
    const found = await world.reconcile();
    const people = of(found, "people");
    assert.ok(people.unexplained.includes("states"), `seed ${seed}`);
    assert.deepEqual(people.states, { cells: 24, differ: 24 }, `seed ${seed}`);
    for (const c of found) if (c !== people) assert.deepEqual(c.unexplained, [], c.metric);
  }
});

test("no fault, with retries among the events: nothing is named", async () => {
  for (let seed = 11; seed <= 22; seed++) {
    const random = seededRandom(seed);
    const world = await Reconciled.at(random);
    const events = eventsOf(random, 700);
    await world.send([...events, ...events.filter((_, i) => i % 20 === 0)]);
    await world.seal(NIGHT);
    const found = await world.reconcile();
    assert.equal(found.length, METRICS.length);
    for (const c of found) {
      assert.deepEqual(c.unexplained, [], `seed ${seed}: ${JSON.stringify(c)}`);
      assert.equal(c.states.differ, 0);
      assert.ok(c.states.cells > 0);
    }
    assert.equal(of(found, "seen").difference, 0);
    await accounted(world);
  }
});

test("a day is compared once, again when its run changes, and not before speed is there", async () => {
  const random = seededRandom(30);
  const world = await Reconciled.at(random);
  const { stage } = world;
  await world.send(eventsOf(random, 200));
  await stage.until(NIGHT);
  await stage.seal();
  assert.deepEqual(await world.reconcile(), []);
  await stage.fold();
  const first = await world.reconcile();
  assert.equal(of(first, "seen").events.batch, 200);
  const row = await stage.ports.views.ledger("reconciled/events");
  assert.deepEqual(await world.reconcile(), first);
  assert.deepEqual(await stage.ports.views.ledger("reconciled/events"), row);
  await world.send(eventsOf(random, 10, "late"));
  await world.seal("2026-03-03T02:00:00Z");
  const second = of(await world.reconcile(), "seen");
  assert.equal(second.events.batch, 210);
  assert.notEqual(second.run, of(first, "seen").run);
  const index = JSON.parse((await stage.ports.views.ledger("reconciled/events"))?.value ?? "{}");
  assert.deepEqual(Object.keys(index.days), [String(dayNamed(DAY))]);
});

// Planted differences between two versions: on generated events, what is found differs, is 1-minimal and is of the
// kind that was planted; versions that mean the same never differ.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type DayEvents, FoldEvents, smallestDifference } from "@tandem/batch-layer";
import {
  below,
  count,
  DAY_MS,
  decimal,
  distinct,
  eventType,
  flag,
  type Interner,
  type Metric,
  type MetricDeclaration,
  MINUTE_MS,
  metric,
  perUser,
  type Random,
  seededRandom,
  sessions,
  sum,
  type UtcDay,
  user,
} from "@tandem/shared-logic";
import { columnsOf } from "@tandem/shared-logic/testing";

const DAY = 20_000 as UtcDay;
const SEEDS = 40;

interface Event extends Readonly<Record<string, unknown>> {
  readonly event_type: string;
  readonly user_id: string;
  readonly timestamp: number;
  readonly properties: { readonly price: number; readonly paid: number; readonly country: string };
}

const of = (version: number, d: Pick<MetricDeclaration, "reducer"> & Partial<MetricDeclaration>) =>
  metric({
    name: "m",
    title: "M",
    unit: "u",
    version,
    by: [["properties.country"]],
    examples: [],
    ...d,
  });

interface Plant {
  readonly name: string;
  readonly versions: readonly [Metric, Metric];
  /** Whether these events alone make the difference that was planted. */
  readonly isIt: (events: readonly Event[]) => boolean;
}

const gap = (minutes: number) => perUser(sessions({ gapMs: minutes * MINUTE_MS }));
const PLANTS: readonly Plant[] = [
  {
    name: "filter",
    versions: [
      of(1, { where: eventType("a"), reducer: count() }),
      of(2, { where: eventType("a", "b"), reducer: count() }),
    ],
    isIt: ([e, ...more]) => more.length === 0 && e?.event_type === "b",
  },
  {
    name: "another path",
    versions: [
      of(1, { reducer: sum(decimal("properties.price", { scale: 2 })) }),
      of(2, { reducer: sum(decimal("properties.paid", { scale: 2 })) }),
    ],
    isIt: ([e, ...more]) => more.length === 0 && e?.properties.price !== e?.properties.paid,
  },
  {
    name: "session gap",
    versions: [of(1, { reducer: gap(30) }), of(2, { reducer: gap(20) })],
    isIt([a, b, ...more]) {
      if (!a || !b || more.length > 0 || a.user_id !== b.user_id) return false;
      const apart = Math.abs(a.timestamp - b.timestamp) / MINUTE_MS;
      return apart > 20 && apart <= 30;
    },
  },
  {
    name: "distinct users, not events",
    versions: [of(1, { reducer: count() }), of(2, { reducer: distinct(user()) })],
    isIt: ([a, b, ...more]) => more.length === 0 && a?.user_id === b?.user_id,
  },
  {
    name: "group limit",
    versions: [of(1, { reducer: count() }), of(2, { reducer: count(), limit: 2 })],
    isIt: (events) =>
      events.length === 3 && new Set(events.map((e) => e.properties.country)).size === 3,
  },
];

const SAME: readonly (readonly [Metric, Metric])[] = [
  [of(1, { reducer: count(), title: "A" }), of(2, { reducer: count(), title: "B", unit: "v" })],
  // Where the first has no cell, the second has one that says 0.
  [
    of(1, { where: eventType("b"), reducer: count() }),
    of(2, { reducer: sum(flag(eventType("b"))) }),
  ],
  [of(1, { reducer: gap(30) }), of(2, { reducer: gap(30), description: "words" })],
  [
    of(1, { reducer: sum(decimal("properties.price", { scale: 2 })) }),
    of(2, { reducer: sum(decimal("properties.price", { scale: 3 })) }),
  ],
];

function generated(random: Random): Event[] {
  const start = DAY * DAY_MS - 60 * MINUTE_MS;
  const minutes = Array.from({ length: 20 + below(random, 200) }, () => below(random, 26 * 60));
  return minutes
    .sort((a, b) => a - b)
    .map((minute, i) => {
      const price = below(random, 500) / 100;
      return {
        event_id: `e${i}`,
        event_type: ["a", "a", "a", "b", "c"][below(random, 5)] ?? "a",
        user_id: `u${below(random, 12)}`,
        timestamp: start + minute * MINUTE_MS,
        properties: {
          price,
          paid: below(random, 10) === 0 ? price + 1 : price,
          country: ["DE", "US", "FR", "IT"][below(random, 4)] ?? "DE",
        },
      };
    });
}

/** Users are of one partition each; a partition has two objects. */
function dayEvents(events: readonly Event[]): { day: DayEvents; at: (i: number) => Event } {
  const interners = new Map<string, Interner>();
  const objects: { partition: number; entry: never; columns: ReturnType<typeof columnsOf> }[] = [];
  const [of, rows, order]: [number[], number[], Event[]] = [[], [], []];
  for (const partition of [0, 1]) {
    const own = events.filter((e) => Number(e.user_id.slice(1)) % 2 === partition);
    const half = Math.floor(own.length / 2);
    for (const part of [own.slice(0, half), own.slice(half)]) {
      const columns = columnsOf(part, { partition, interners });
      const at = objects.push({ partition, entry: {} as never, columns }) - 1;
      part.forEach((e, row) => {
        of.push(at);
        rows.push(row);
        order.push(e);
      });
    }
  }
  return { day: { objects, of, rows }, at: (i) => order[i] as Event };
}

const clock = { now: () => 0 as never };

for (const { name, versions, isIt } of PLANTS) {
  test(`a planted ${name}: found, 1-minimal, and of its kind (seeds 0 to ${SEEDS - 1})`, async () => {
    let met = 0;
    for (let seed = 0; seed < SEEDS; seed++) {
      const { day, at } = dayEvents(generated(seededRandom(seed)));
      const fold = new FoldEvents(day, versions, DAY);
      const found = await smallestDifference({ clock }, fold, day);
      if (found.which.length === 0) continue;
      met++;
      assert.ok(found.minimal);
      assert.ok(fold.differing(found.which).length > 0, `seed ${seed}`);
      for (const left of found.which) {
        const rest = found.which.filter((i) => i !== left);
        assert.deepEqual(fold.differing(rest), [], `seed ${seed}: ${left} can be left out`);
      }
      const events = [...found.which].sort((a, b) => a - b).map(at);
      assert.ok(isIt(events), `seed ${seed}: ${JSON.stringify(events)}`);
    }
    assert.ok(met > SEEDS / 2, String(met));
  });
}

test("versions that mean the same do not differ on any events", async () => {
  for (const versions of SAME) {
    for (let seed = 0; seed < SEEDS; seed++) {
      const { day } = dayEvents(generated(seededRandom(seed)));
      const found = await smallestDifference({ clock }, new FoldEvents(day, versions, DAY), day);
      assert.deepEqual(found, { which: [], minimal: false, tests: 1 }, `seed ${seed}`);
    }
  }
});

test("a search that is cut short still has events that differ", async () => {
  const [plant] = PLANTS;
  assert.ok(plant);
  const { day } = dayEvents(generated(seededRandom(1)));
  const fold = new FoldEvents(day, plant.versions, DAY);
  const found = await smallestDifference({ clock }, fold, day, { bounds: { tests: 4 } });
  assert.equal(found.minimal, false);
  assert.ok(found.which.length > 1 && fold.differing(found.which).length > 0);
});

// Cases of the view store's speed side: rows, starts, positions, reads and drops.
import { type StoredSpeedRow, SUSPECTED, UNCHECKED } from "../../ports/view-store.ts";
import { utcDay } from "../../time/epoch-ms.ts";
import { expectEqual, expectSameSet } from "../expect.ts";
import {
  BIG_OFFSET,
  DATASET,
  DAY,
  FP,
  flushOf,
  minute,
  OTHER_FP,
  speedQuery,
  speedRow,
} from "./view-rows.ts";
import type { AddCase } from "./view-store-case.ts";

export function speedCases(add: AddCase, equalTo: "first" | "either"): void {
  add("1: a flush keeps the row with the highest `to`", async ({ store }) => {
    const first = speedRow({ to: 10 });
    await store.flush(flushOf({ rows: [first] }));
    const overtaken = speedRow({ to: 9, events: 99, skipped: 99, state: Uint8Array.of(99) });
    await store.flush(flushOf({ rows: [overtaken] }));
    expectSameSet(await store.readSpeed(speedQuery()), [{ ...first, partition: 0 }], "to 9");
    const equal = speedRow({ to: 10, events: 99, skipped: 0, state: Uint8Array.of(0, 99, 0, 99) });
    await store.flush(flushOf({ rows: [equal] }));
    const stays = await store.readSpeed(speedQuery());
    if (equalTo === "first" || stays[0]?.events === first.events) {
      expectSameSet(stays, [{ ...first, partition: 0 }], "to 10");
    } else expectSameSet(stays, [{ ...equal, partition: 0 }], "to 10, whole");
    const newer = speedRow({ to: 11, events: 4, skipped: 2, state: new Uint8Array(0) });
    await store.flush(flushOf({ rows: [newer] }));
    expectSameSet(await store.readSpeed(speedQuery()), [{ ...newer, partition: 0 }]);
  });

  add("1: a row is what it was, whatever its bytes and numbers", async ({ store }) => {
    const state = Uint8Array.from({ length: 20_000 }, (_, i) => i % 256);
    const row = speedRow({
      group: '["a\\u0000b","ü😀",null]',
      segment: BIG_OFFSET,
      to: BIG_OFFSET + 5,
      events: 2 ** 40,
      state,
    });
    await store.flush(flushOf({ to: BIG_OFFSET + 5, rows: [row] }));
    const kept = { ...row, partition: 0, state: state.slice() };
    state.fill(0); // the caller may use its buffer again
    const read = await store.readSpeed(speedQuery());
    expectSameSet(read, [kept]);
    read[0]?.state.fill(0);
    expectSameSet(await store.readSpeed(speedQuery()), [kept], "what is read is the reader's own");
  });

  add("1: every part of the key tells rows apart", async ({ store }) => {
    const rows = [
      speedRow(),
      speedRow({ startMs: minute(1) }),
      speedRow({ segment: 4 }),
      speedRow({ doubt: SUSPECTED }),
      speedRow({ doubt: UNCHECKED }),
      speedRow({ group: '["DE"]' }),
    ];
    const apart = [speedRow({ fp: OTHER_FP }), speedRow({ tenant: "other" }), speedRow({ set: 1 })];
    await store.flush(flushOf({ rows: [...rows, ...apart] }));
    await store.flush(flushOf({ partition: 1, rows: [speedRow()] }));
    await store.flush(flushOf({ dataset: "web", rows: [speedRow({ startMs: minute(2) })] }));
    expectSameSet(await store.readSpeed(speedQuery()), [
      ...rows.map((row) => ({ ...row, partition: 0 })),
      { ...speedRow(), partition: 1 },
    ]);
    const one = { ...speedRow(), partition: 0 };
    expectSameSet(await store.readSpeed(speedQuery({ fp: OTHER_FP })), [{ ...one, fp: OTHER_FP }]);
    expectSameSet(await store.readSpeed(speedQuery({ tenant: "other" })), [
      { ...one, tenant: "other" },
    ]);
    expectSameSet(await store.readSpeed(speedQuery({ set: 1 })), [{ ...one, set: 1 }]);
    expectSameSet(await store.readSpeed(speedQuery({ dataset: "web" })), [
      { ...one, startMs: minute(2) },
    ]);
  });

  add("2: a start is set where none stands, and a flush may be repeated", async ({ store }) => {
    const flush = flushOf({ starts: [{ fp: FP, at: 7 }], rows: [speedRow()] });
    await store.flush(flush);
    await store.flush(flush);
    await store.flush(flushOf({ starts: [{ fp: FP, at: 3 }] }));
    await store.flush(flushOf({ starts: [{ fp: FP, at: 30 }] }));
    await store.flush(flushOf({ partition: 2, starts: [{ fp: FP, at: 0 }] }));
    expectEqual(await store.starts(DATASET, FP, 3), [7, undefined, 0]);
    expectEqual(await store.starts(DATASET, OTHER_FP, 1), [undefined], "another metric");
    expectEqual(await store.starts("web", FP, 1), [undefined], "another dataset");
    expectSameSet(await store.readSpeed(speedQuery()), [{ ...speedRow(), partition: 0 }]);
    expectEqual(await store.positions(DATASET, 1), [{ to: 10, asOf: minute(5) }]);
  });

  add("2: a flush of many rows arrives whole", async ({ store }) => {
    const rows = Array.from({ length: 6_000 }, (_, n) =>
      speedRow({ startMs: minute(n % 1440), segment: Math.floor(n / 1440), events: n }),
    );
    await store.flush(flushOf({ to: 10, starts: [{ fp: FP, at: 1 }], rows }));
    const read = await store.readSpeed(speedQuery());
    expectEqual(read.length, rows.length);
    expectEqual(new Set(read.map((row) => row.events)).size, rows.length);
    expectEqual(await store.positions(DATASET, 1), [{ to: 10, asOf: minute(5) }]);
  });

  add("3: a position and its clock never move back", async ({ store }) => {
    expectEqual(await store.positions(DATASET, 2), [undefined, undefined]);
    await store.flush(flushOf({ to: 10, asOf: minute(5) }));
    await store.flush(flushOf({ to: 9, asOf: minute(6) }));
    expectEqual(await store.positions(DATASET, 2), [{ to: 10, asOf: minute(6) }, undefined]);
    await store.flush(flushOf({ to: BIG_OFFSET, asOf: minute(4) }));
    await store.flush(flushOf({ partition: 1, to: 0, asOf: minute(1) }));
    const expected = [
      { to: BIG_OFFSET, asOf: minute(6) },
      { to: 0, asOf: minute(1) },
    ];
    expectEqual(await store.positions(DATASET, 2), expected);
    expectEqual(await store.positions(DATASET, 1), expected.slice(0, 1), "fewer asked for");
    expectEqual(await store.positions("web", 1), [undefined], "another dataset");
  });

  add("5: a read is half-open in cell starts", async ({ store }) => {
    const rows = [-1, 0, 1, 2].map((n) => speedRow({ startMs: minute(n) }));
    await store.flush(flushOf({ rows }));
    const read = await store.readSpeed(speedQuery({ from: minute(0), until: minute(2) }));
    expectSameSet(
      read.map((row) => row.startMs),
      [minute(0), minute(1)],
    );
    expectEqual(await store.readSpeed(speedQuery({ from: minute(1), until: minute(1) })), []);
  });

  add("5: a read of some groups gives those and no others", async ({ store }) => {
    const groups = ['["DE"]', '["FR"]', '["a,b"]', "(other)"];
    const rows = [0, 1, 5].flatMap((n) =>
      groups.map((group) => speedRow({ set: 1, group, startMs: minute(n) })),
    );
    await store.flush(flushOf({ rows }));
    for (const chosen of [['["DE"]'], ['["a,b"]', "(other)", '["absent"]'], [], groups]) {
      const read = await store.readSpeed(speedQuery({ set: 1, groups: chosen, until: minute(5) }));
      const expected = rows.filter((r) => chosen.includes(r.group) && r.startMs < minute(5));
      expectSameSet(
        read,
        expected.map((row) => ({ ...row, partition: 0 })),
      );
    }
  });

  add(
    "5: a read of what lies above gives all of that, and only rows that are",
    async ({ store }) => {
      const groups = ['["DE"]', '["FR"]'];
      const ends = [5, 10, 15];
      const rowsOf = (n: number) =>
        ends.flatMap((to) =>
          groups.map((group) =>
            speedRow({ set: 1, group, startMs: minute(n * 60), segment: to, to }),
          ),
        );
      const all: StoredSpeedRow[] = [];
      for (const partition of Array.from({ length: 12 }, (_, p) => p)) {
        const rows = [...rowsOf(0), ...rowsOf(9)];
        await store.flush(flushOf({ partition, to: 15, rows }));
        all.push(...rows.map((row) => ({ ...row, partition })));
      }
      const none = Number.POSITIVE_INFINITY;
      const most = Array.from({ length: 11 }, (_, p) => p);
      for (const above of [[0, 5, 10, 15, none], [10, none], most, [none, none, 15], []]) {
        for (const chosen of [undefined, ['["FR"]', "(other)"]]) {
          const query = speedQuery({ set: 1, ...(chosen ? { groups: chosen } : {}) });
          const read = await store.readSpeed({ ...query, above });
          const asked = all.filter((row) => chosen?.includes(row.group) ?? true);
          const needed = asked.filter((row) => row.to > (above[row.partition] ?? -1));
          const place = ({ partition, startMs, group, to }: StoredSpeedRow) =>
            `${partition} ${startMs} ${group} ${to}`;
          const [found, known] = [new Set(read.map(place)), new Set(asked.map(place))];
          expectEqual(found.size, read.length, "each once");
          expectEqual(
            needed.filter((row) => !found.has(place(row))),
            [],
            `above ${above}`,
          );
          expectEqual(
            [...found].filter((text) => !known.has(text)),
            [],
            `above ${above}`,
          );
        }
      }
    },
  );

  add("6: a drop deletes what lies below it, of its day and metric only", async ({ store }) => {
    const days = [minute(-1), minute(0), minute(1439), minute(1440)];
    const rows = days.flatMap((startMs) =>
      [0, 4, 5].flatMap((segment) =>
        ["acme", "other"].map((tenant) => speedRow({ startMs, segment, tenant })),
      ),
    );
    const kept = rows.map((row) => ({ ...row, fp: OTHER_FP }));
    for (const partition of [0, 1]) {
      await store.flush(flushOf({ partition, rows: [...rows, ...kept] }));
    }
    await store.dropSpeed(DATASET, FP, DAY, [5, 4]);
    const wide = { from: minute(-1), until: minute(1441) };
    for (const tenant of ["acme", "other"]) {
      const below = (partition: number, startMs: number) =>
        startMs < minute(0) || startMs >= minute(1440) ? 0 : partition === 0 ? 5 : 4;
      const expected = [0, 1].flatMap((partition) =>
        rows
          .filter((r) => r.tenant === tenant && r.segment >= below(partition, r.startMs))
          .map((row) => ({ ...row, partition })),
      );
      expectSameSet(await store.readSpeed(speedQuery({ ...wide, tenant })), expected, tenant);
    }
    const others = await store.readSpeed(speedQuery({ ...wide, fp: OTHER_FP }));
    expectEqual(others.length, kept.length, "another metric");
  });

  add("6: a drop of many rows deletes them all", async ({ store }) => {
    const rows = Array.from({ length: 4_500 }, (_, n) =>
      speedRow({ startMs: minute(Math.floor(n / 4)), segment: n % 4 }),
    );
    await store.flush(flushOf({ rows }));
    await store.dropSpeed(DATASET, FP, DAY, [3]);
    const left = await store.readSpeed(speedQuery());
    expectEqual(left.length, 1_125);
    expectEqual([...new Set(left.map((row) => row.segment))], [3]);
  });

  add("6: a recorded drop never goes down", async ({ store }) => {
    const next = utcDay(DAY + 1);
    await store.dropSpeed(DATASET, FP, DAY, [5, 0, 7]);
    await store.dropSpeed(DATASET, FP, DAY, [4, 6, 7]);
    await store.dropSpeed(DATASET, FP, next, [1, 1, 1]);
    await store.dropSpeed(DATASET, OTHER_FP, DAY, [9, 9, 9]);
    const read = await store.dropped(DATASET, FP, utcDay(DAY - 1), next, 4);
    const expected = new Map([
      [utcDay(DAY - 1), [0, 0, 0, 0]],
      [DAY, [5, 6, 7, 0]],
    ]);
    expectEqual(read, expected, "days half-open, 0 where nothing was dropped");
    expectEqual(await store.dropped("web", FP, DAY, next, 1), new Map([[DAY, [0]]]));
  });
}

// Rows above a position, found by where the newest flushes wrote: whoever adds them to what it has, has what the
// file has, whoever else writes to it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import {
  below,
  DAY_MS,
  type EpochMs,
  type Fingerprint,
  type Flush,
  HOUR_MS,
  type Random,
  type SpeedQuery,
  type SpeedRow,
  type StoredSpeedRow,
  seededRandom,
} from "@tandem/shared-logic";
import { RecentFlushes, Stretches } from "../../src/embedded/recent-flushes.ts";
import { SqliteFile } from "../../src/embedded/sqlite-file.ts";
import { SqliteViewStore } from "../../src/embedded/sqlite-view-store.ts";
import { requireViewTables } from "../../src/embedded/view-schema.ts";

const CASES = Number(process.env["TANDEM_CASES"] ?? 60);
const SEED = Number(process.env["TANDEM_SEED"] ?? 1);
const STEPS = 60;
const PARTITIONS = 3;
const QUERY: SpeedQuery = {
  ...{ dataset: "app", fp: "m@1-0" as Fingerprint, tenant: "t", set: 0 },
  ...{ from: 0 as EpochMs, until: DAY_MS as EpochMs },
};

/** The next flush of the partition, of a few rows; some are of other series or outside of the range. */
function flushOf(random: Random, partition: number, from: number): Flush {
  const to = from + 1 + below(random, 5);
  const rows = Array.from({ length: below(random, 4) }, (): SpeedRow => {
    const reached = from + 1 + below(random, to - from);
    return {
      ...{ fp: QUERY.fp, tenant: ["t", "u"][below(random, 2)]!, set: below(random, 2) },
      group: ["[]", '["a"]'][below(random, 2)]!,
      startMs: (below(random, 30) * HOUR_MS) as EpochMs,
      ...{ segment: below(random, 2), doubt: 0, to: reached, events: reached, skipped: 0 },
      state: Uint8Array.of(partition, reached),
    };
  });
  const unique = new Map(rows.map((r) => [JSON.stringify([r.tenant, r.set, placeOf(r)]), r]));
  return {
    dataset: "app",
    partition,
    to,
    asOf: 0 as EpochMs,
    starts: [],
    rows: [...unique.values()],
  };
}

const placeOf = (r: SpeedRow & { readonly partition?: number }): string =>
  [r.partition, r.group, r.startMs, r.segment, r.doubt].join(" ");

/** Keeps what it reads, as a query does: the positions first. */
class Reader {
  private readonly store: SqliteViewStore;
  private to: readonly number[] | undefined;
  private readonly rows = new Map<string, StoredSpeedRow>();

  constructor(store: SqliteViewStore) {
    this.store = store;
  }

  async read(): Promise<readonly string[]> {
    const positions = await this.store.positions("app", PARTITIONS);
    const now = Array.from({ length: PARTITIONS }, (_, p) => positions[p]?.to ?? 0);
    const { to } = this;
    const above = to && now.map((at, p) => (at === to[p] ? Number.POSITIVE_INFINITY : to[p]!));
    for (const row of await this.store.readSpeed(above ? { ...QUERY, above } : QUERY)) {
      const was = this.rows.get(placeOf(row));
      if (!was || row.to > was.to) this.rows.set(placeOf(row), row);
    }
    this.to = now;
    return told([...this.rows.values()]);
  }
}

const told = (rows: readonly StoredSpeedRow[]): string[] =>
  rows.map((r) => `${placeOf(r)}: ${r.to} ${r.state}`).sort();

test(`nothing is missed (seeds ${SEED} to ${SEED + CASES - 1})`, async () => {
  for (let seed = SEED; seed < SEED + CASES; seed++) {
    const random = seededRandom(seed);
    const dir = mkdtempSync(join(tmpdir(), "tandem-recent-"));
    const [own, other] = [0, 1].map(() => new SqliteViewStore(join(dir, "views.sqlite")));
    const readers = [own!, own!, other!].map((store) => new Reader(store));
    try {
      for (let step = 0; step < STEPS; step++) {
        const partition = below(random, PARTITIONS);
        const at = (await own!.positions("app", PARTITIONS))[partition]?.to ?? 0;
        await (below(random, 12) === 0 ? other! : own!).flush(flushOf(random, partition, at));
        const reader = readers[below(random, 6)];
        if (!reader) continue;
        const all = told(await own!.readSpeed(QUERY));
        assert.deepEqual(await reader.read(), all, `seed ${seed}, step ${step}`);
      }
    } finally {
      for (const store of [own!, other!]) await store.close();
      rmSync(dir, { recursive: true });
    }
  }
});

function world() {
  const file = new SqliteFile(":memory:");
  requireViewTables(file);
  const recent = new RecentFlushes(file);
  // The first question finds that the file is another than before it was opened.
  recent.above(1, { ...QUERY, above: [0] });
  const note = (partition: number, to: number, ...stretches: [number, number, number][]) => {
    const written = new Stretches();
    for (const [series, first, last] of stretches) {
      written.begin(series, first);
      written.add(last, to);
    }
    recent.note({ dataset: "app", partition, to }, written);
  };
  const above = (series: number, ...to: number[]) => recent.above(series, { ...QUERY, above: to });
  return { recent, note, above };
}

test("the hours of what was flushed above, of each partition that is asked for", () => {
  const { recent, note, above } = world();
  const none = Number.POSITIVE_INFINITY;
  note(0, 5, [1, 10, 20]);
  assert.equal(above(1, 4), undefined, "who read before the first flush");
  assert.deepEqual(above(1, 5), { from: 0, until: 0, alone: true });
  note(0, 9, [1, 30, 40], [2, 50, 60]);
  note(0, 12, [2, 45, 40], [1, 35, 38]);
  note(1, 3, [1, 90, 90]);
  note(1, 7, [1, 95, 95]);
  assert.deepEqual(above(1, 5, none), { from: 30, until: 41, alone: true });
  assert.deepEqual(above(1, 9, none), { from: 35, until: 39, alone: true });
  assert.deepEqual(above(2, 5, none), { from: 40, until: 61, alone: true });
  assert.deepEqual(above(2, 9, none), { from: 40, until: 46, alone: true });
  assert.deepEqual(above(2, 12, none), { from: 0, until: 0, alone: true });
  assert.deepEqual(above(1, 9, 3), { from: 35, until: 96, alone: true });
  assert.equal(above(1, none), undefined, "a partition that nothing is said of");
  note(0, 11, [1, 70, 70]);
  assert.deepEqual(above(1, 11, none), { from: 35, until: 71, alone: true }, "a flush made again");
  recent.note({ dataset: "other", partition: 2, to: 1 }, new Stretches());
  assert.deepEqual(above(1, 12, 3), { from: 95, until: 96, alone: false });
  recent.note({ dataset: "app", partition: 2, to: 1 }, new Stretches());
  assert.equal(above(1, 12, 3), undefined, "one that was flushed here after that");
  assert.equal(above(1, none, none, 0), undefined, "one that was never flushed here");
});

test("rows whose partition has no position yet are found beside those of the newest flushes", async () => {
  const file = new DatabaseSync(":memory:");
  const store = new SqliteViewStore(file);
  const random = seededRandom(SEED);
  const row = { ...QUERY, group: "[]", startMs: 0 as EpochMs, segment: 0, doubt: 0 } as const;
  const flush = async (partition: number, to: number) => {
    const rows = [{ ...row, to, events: 1, skipped: 0, state: new Uint8Array(1) }];
    await store.flush({ ...flushOf(random, partition, 0), to, rows });
  };
  await flush(1, 4);
  file.exec("DELETE FROM position");
  const from: number[] = [];
  for (const to of [1, 2, 3]) {
    await flush(0, to);
    const rows = await store.readSpeed({ ...QUERY, above: [to - 1] });
    assert.deepEqual(rows.map((r) => r.partition).sort(), [0, 1]);
    from.push(...rows.filter((r) => r.partition === 0).map((r) => r.to));
  }
  assert.deepEqual(from, [1, 2, 3]);
  await store.close();
});

test("the oldest are forgotten, and all after a change that failed", () => {
  const { recent, note, above } = world();
  note(0, 1, [1, 1, 1]);
  for (let to = 2; to < 5000; to++) note(0, to, [1, to, to]);
  assert.equal(above(1, 10), undefined);
  assert.deepEqual(above(1, 4000), { from: 4001, until: 5000, alone: true });
  assert.throws(() =>
    recent.change(() => {
      throw new Error("no");
    }),
  );
  assert.equal(above(1, 4999), undefined);
});

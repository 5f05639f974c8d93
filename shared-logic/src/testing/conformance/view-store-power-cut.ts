// Cases of durability: what a power failure may take from a view store, and what it may not.
import { seededRandom } from "../../ports/random.ts";
import type { ViewStore } from "../../ports/view-store.ts";
import { utcDay } from "../../time/epoch-ms.ts";
import { expectEqual, expectTrue } from "../expect.ts";
import { DATASET, DAY, FP, flushOf, minute, speedQuery, speedRow } from "./view-rows.ts";
import type { AddCase } from "./view-store-case.ts";

const SEEDS = [1, 2, 3, 4];

/** Flush number n moves the position to n and writes two rows of minute n. */
async function flushNumber(store: ViewStore, n: number): Promise<void> {
  const rows = [0, 1].map((set) => speedRow({ set, startMs: minute(n), to: n }));
  await store.flush(flushOf({ to: n, asOf: minute(n), rows }));
}

/** The position, having checked that every flush up to it is whole and at most one began after it. */
async function lastWhole(store: ViewStore, what: string): Promise<number> {
  const to = (await store.positions(DATASET, 1))[0]?.to ?? 0;
  for (const set of [0, 1]) {
    const found = (await store.readSpeed(speedQuery({ set }))).map((row) => row.to);
    found.sort((a, b) => a - b);
    const expected = Array.from({ length: found.length }, (_, i) => i + 1);
    expectEqual(found, expected, `${what}: rows from the middle are gone`);
    expectTrue(found.length >= to, `${what}: a position without its rows`);
    expectTrue(found.length <= to + 1, `${what}: rows whose forerunners' position is gone`);
  }
  return to;
}

export function powerCutCases(add: AddCase): void {
  for (const seed of SEEDS) {
    add(`4: a power cut takes a suffix of what nothing synced (seed ${seed})`, async (opened) => {
      const { store, powerCut } = opened;
      if (powerCut === undefined) return;
      for (let n = 1; n <= 3; n++) await flushNumber(store, n);
      await store.sync();
      for (let n = 4; n <= 9; n++) await flushNumber(store, n);
      const left = await powerCut(seededRandom(seed));
      const to = await lastWhole(left, `seed ${seed}`);
      expectTrue(to >= 3, `seed ${seed}: what was synced is gone`);
      await flushNumber(left, to + 1);
      expectEqual(await lastWhole(left, `seed ${seed}`), to + 1, "writable afterwards");
      await left.close();
    });

    add(`8: a compare-and-set is durable, with all before it (seed ${seed})`, async (opened) => {
      const { store, powerCut } = opened;
      if (powerCut === undefined) return;
      for (let n = 1; n <= 3; n++) await flushNumber(store, n);
      await store.cas("day/app/1", 0, "a");
      for (let n = 4; n <= 5; n++) await flushNumber(store, n);
      const left = await powerCut(seededRandom(seed));
      expectEqual((await left.ledger("day/app/1"))?.value, "a");
      expectTrue((await lastWhole(left, `seed ${seed}`)) >= 3, "a flush before it is gone");
      await left.close();
    });

    add(`6: a drop is on record before its rows go (seed ${seed})`, async (opened) => {
      const { store, powerCut } = opened;
      if (powerCut === undefined) return;
      await flushNumber(store, 1);
      await store.dropSpeed(DATASET, FP, DAY, [1]);
      const left = await powerCut(seededRandom(seed));
      const dropped = await left.dropped(DATASET, FP, DAY, utcDay(DAY + 1), 1);
      expectEqual(dropped.get(DAY), [1]);
      await left.dropSpeed(DATASET, FP, DAY, [1]);
      expectEqual(await left.readSpeed(speedQuery()), [], "the drop again finishes it");
      await left.close();
    });
  }
}

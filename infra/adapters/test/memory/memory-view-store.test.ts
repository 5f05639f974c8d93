// The view store in memory against the port's contract; planted bugs that the suite must catch; and
// that a scheduler gets its turn where the contract lets others in.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fingerprint, type Flush, type SpeedQuery, utcDay } from "@tandem/shared-logic";
import { type OpenViewStore, viewStoreSuite } from "@tandem/shared-logic/testing";
import { MemoryViewStore } from "../../src/memory/memory-view-store.ts";
import { caughtBy } from "../caught-by.ts";

const opened = (store: MemoryViewStore): OpenViewStore => ({
  store,
  async powerCut(random) {
    store.powerCut(random);
    return store;
  },
});

viewStoreSuite({ test, open: async () => opened(new MemoryViewStore()) });

class NothingDurable extends MemoryViewStore {
  override async sync(): Promise<void> {}
}
class RowsAfterPosition extends MemoryViewStore {
  override async flush(flush: Flush): Promise<void> {
    await super.flush({ ...flush, rows: [] });
    await super.flush({ ...flush, to: 0 });
  }
}
class OneTenant extends MemoryViewStore {
  override readSpeed(query: SpeedQuery) {
    return super.readSpeed({ ...query, tenant: "acme" });
  }
}
class CasByValueOnly extends MemoryViewStore {
  override async cas(key: string, _expected: number, value: string): Promise<boolean> {
    return super.cas(key, (await this.ledger(key))?.version ?? 0, value);
  }
}

for (const Mutant of [NothingDurable, RowsAfterPosition, OneTenant, CasByValueOnly]) {
  test(`the suite catches: ${Mutant.name}`, async (t) => {
    const caught = await caughtBy((collect) =>
      viewStoreSuite({ test: collect, open: async () => opened(new Mutant()) }),
    );
    assert.notEqual(caught, undefined, "no case of the suite failed");
    t.diagnostic(`by ${caught}`);
  });
}

const FP = "m@1-0" as Fingerprint;
const row = (n: number) => ({
  fp: FP,
  tenant: "acme",
  set: 0,
  group: "[]",
  startMs: n as never,
  segment: 0,
  to: 5,
  doubt: 0 as const,
  events: n,
  skipped: 0,
  state: Uint8Array.of(n),
});
const query = {
  dataset: "app",
  fp: FP,
  tenant: "acme",
  set: 0,
  from: 0 as never,
  until: 9 as never,
};
const flush: Flush = {
  dataset: "app",
  partition: 0,
  to: 5,
  asOf: 7 as never,
  starts: [{ fp: FP, at: 1 }],
  rows: [row(1), row(2)],
};

/** What another party sees at each turn: start, rows, position. */
function watched(atomicFlush: boolean) {
  const seen: string[] = [];
  const store = new MemoryViewStore({
    atomicFlush,
    step: async () => void seen.push(await look()),
  });
  const observer = new MemoryViewStore();
  Object.assign(observer, { ...store, step: undefined });
  const look = async (): Promise<string> => {
    const [start] = await observer.starts("app", FP, 1);
    const [position] = await observer.positions("app", 1);
    const dropped = (await observer.dropped("app", FP, utcDay(0), utcDay(1), 1)).get(utcDay(0));
    const rows = (await observer.readSpeed(query)).length;
    return `${start ?? "-"} ${rows} ${position?.to ?? "-"} ${dropped}`;
  };
  return { store, seen, look };
}

test("2: a scheduler gets its turn between start, rows and position, and in an atomic flush none", async () => {
  const torn = watched(false);
  await torn.store.flush(flush);
  assert.deepEqual([...torn.seen, await torn.look()], ["1 0 - 0", "1 1 - 0", "1 2 - 0", "1 2 5 0"]);
  const whole = watched(true);
  await whole.store.flush(flush);
  assert.deepEqual([...whole.seen, await whole.look()], ["1 2 5 0"]);
});

test("6: a scheduler gets its turn between a drop's record and each deletion", async () => {
  const { store, seen, look } = watched(true);
  await store.flush(flush);
  await store.dropSpeed("app", FP, utcDay(0), [4]);
  assert.deepEqual([...seen, await look()], ["1 2 5 4", "1 1 5 4", "1 0 5 4"]);
});

test("5: a read is no snapshot: what changes between its rows is seen", async () => {
  let turns = 0;
  const store: MemoryViewStore = new MemoryViewStore({
    atomicFlush: true,
    step: async () => {
      if (turns++ === 0) await store.flush({ ...flush, rows: [{ ...row(2), to: 6, events: 99 }] });
    },
  });
  await store.flush(flush);
  assert.deepEqual(
    (await store.readSpeed(query)).map((r) => r.events),
    [1, 99],
  );
  assert.equal(turns, 2);
});

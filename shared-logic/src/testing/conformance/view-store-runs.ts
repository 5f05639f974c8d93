// Cases of the view store's run side: immutable rows under a run id, and their checksum.
import { RunChecksum } from "../../overlay/run-checksum.ts";
import type { RunRow, RunSum } from "../../ports/view-store.ts";
import { epochMs } from "../../time/epoch-ms.ts";
import { expectEqual, expectSameSet, expectTrue } from "../expect.ts";
import { minute, runRow } from "./view-rows.ts";
import type { AddCase } from "./view-store-case.ts";

const sumOf = (rows: readonly RunRow[]): RunSum => {
  const sum = new RunChecksum();
  for (const row of rows) sum.add(row);
  return sum.done();
};

const { value: _, ...valueless } = runRow({ startMs: minute(-30) });

const VARIED: readonly RunRow[] = [
  runRow(),
  runRow({ tenant: "other" }),
  runRow({ set: 1 }),
  runRow({ group: '["DE",null]', value: null }),
  runRow({ grain: "hour", value: "-170141183460469231731687303715884105728.125" }),
  runRow({ grain: "day", value: "0", state: new Uint8Array(0) }),
  runRow({ grain: "week", startMs: epochMs(-345_600_000) }),
  runRow({ grain: "month", value: "" }),
  valueless,
];

const queryOf = (run: string, row: RunRow) => ({
  run,
  tenant: row.tenant,
  set: row.set,
  grain: row.grain,
  from: row.startMs,
  until: epochMs(row.startMs + 1),
  groups: [row.group],
});

export function runCases(add: AddCase): void {
  add("7: rows are read as they were written, each by its key", async ({ store }) => {
    await store.writeRun("r1", VARIED);
    await store.writeRun("r2", [runRow({ value: "2" })]);
    for (const row of VARIED) expectEqual(await store.readRun(queryOf("r1", row)), [row]);
    expectEqual(await store.readRun(queryOf("r2", runRow())), [runRow({ value: "2" })]);
    expectEqual(await store.readRun(queryOf("r3", runRow())), []);
  });

  add("7: a read is half-open and keeps to the groups asked for", async ({ store }) => {
    const rows = [0, 1, 2].flatMap((n) =>
      ['["DE"]', '["FR"]', "(other)"].map((group) => runRow({ group, startMs: minute(n) })),
    );
    await store.writeRun("r1", rows);
    const query = { ...queryOf("r1", runRow()), until: minute(2) };
    const { groups: _all, ...everything } = query;
    expectSameSet(await store.readRun(everything), rows.slice(0, 6));
    expectSameSet(
      await store.readRun({ ...query, groups: ['["FR"]', "(other)"] }),
      rows.slice(0, 6).filter((row) => row.group !== '["DE"]'),
    );
    expectEqual(await store.readRun({ ...query, groups: [] }), []);
  });

  add("7: batches at least once, in any order, add up to one run", async ({ store }) => {
    const rows = Array.from({ length: 1_700 }, (_, n) =>
      runRow({ startMs: minute(n), events: n, tenant: n % 3 ? "acme" : "other" }),
    );
    await store.writeRun("r1", rows.slice(600));
    await store.writeRun("r2", VARIED);
    await store.writeRun("r1", rows.slice(0, 900));
    expectEqual(await store.readBack("r1"), sumOf(rows));
    expectEqual(await store.readBack("r2"), sumOf(VARIED));
    expectEqual(await store.readBack("r3"), sumOf([]), "a run without rows");
  });

  add("7: read back shows what is missing or otherwise", async ({ store }) => {
    await store.writeRun("r1", VARIED.slice(1));
    const sum = await store.readBack("r1");
    expectEqual(sum.count, VARIED.length - 1);
    expectTrue(sum.checksum !== sumOf(VARIED).checksum, "a missing row has to show");
  });

  add("7: a scan yields each row once, as it was written", async ({ store }) => {
    const many = Array.from({ length: 1_200 }, (_, n) => runRow({ startMs: minute(n) }));
    await store.writeRun("r1", [...VARIED.slice(1), ...many]);
    await store.writeRun("r2", VARIED);
    const found: RunRow[] = [];
    for await (const rows of store.scanRun("r1")) found.push(...rows);
    expectSameSet(found, [...VARIED.slice(1), ...many]);
    for await (const rows of store.scanRun("r3")) expectEqual(rows, []);
  });

  add("7: a copy has all rows but those named, and may be repeated", async ({ store }) => {
    const many = Array.from({ length: 4_100 }, (_, n) =>
      runRow({ startMs: minute(n >> 1), group: n % 2 ? "(other)" : '["ü \\" x"]' }),
    );
    const rows = [...VARIED.slice(1), ...many];
    const without = rows.filter((_, n) => n % 7 === 0);
    await store.writeRun("r1", rows);
    const other = runRow({ startMs: rows[7]!.startMs, group: rows[7]!.group, value: "9" });
    await store.writeRun("r2", [other]);
    await store.copyRun("r1", "r2", [...without, other, runRow({ tenant: "never written" })]);
    const left = rows.filter((row) => !without.includes(row) && row !== rows[7]);
    expectEqual(await store.readBack("r2"), sumOf([...left, other]));
    await store.copyRun("r1", "r2", [...without, other]);
    expectEqual(await store.readBack("r2"), sumOf([...left, other]), "repeated");
    expectEqual(await store.readBack("r1"), sumOf(rows), "what is copied stays");
    await store.copyRun("never written", "r3", []);
    expectEqual(await store.readBack("r3"), sumOf([]));
  });

  add("7: a removed run is gone, others stay, and it may be written anew", async ({ store }) => {
    const many = Array.from({ length: 1_200 }, (_, n) => runRow({ startMs: minute(n) }));
    await store.writeRun("r1", many);
    await store.writeRun("r10", VARIED);
    await store.removeRun("r1");
    await store.removeRun("never written");
    expectEqual(await store.readBack("r1"), sumOf([]));
    expectEqual(await store.readRun(queryOf("r1", runRow())), []);
    expectEqual(await store.readBack("r10"), sumOf(VARIED));
    await store.writeRun("r1", VARIED);
    expectEqual(await store.readBack("r1"), sumOf(VARIED));
  });
}

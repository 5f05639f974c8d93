// The file log against the port's contract: on the operating system's files, and on files in memory
// whose power is cut. Small segments, groups and tails, so that every edge is met.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventLogSuite, type OpenEventLog } from "@tandem/shared-logic/testing";
import { FileEventLog, type FileEventLogOptions } from "../../src/embedded/file-event-log.ts";
import { CrashFiles } from "../../src/embedded/files/crash-files.ts";
import { freshFolder } from "../fresh-folder.ts";

const SMALL = { segmentBytes: 40_000, groupBytes: 4000, tailBytes: 30_000 };

async function opened(folder: string, options: FileEventLogOptions): Promise<OpenEventLog> {
  let log = await FileEventLog.open(folder, options);
  return {
    log,
    dataset: "events",
    dropBelow: (partition, offset) => log.dropBelow("events", partition, offset),
    async reopen() {
      await log.close();
      log = await FileEventLog.open(folder, options);
      return log;
    },
  };
}

for (const [name, options] of [
  ["default sizes", {}],
  ["small sizes", SMALL],
] as const) {
  eventLogSuite({
    test: (title, body) =>
      // Whole segments are what is dropped: in one of the default size there is none below the end.
      test(`${title} (${name})`, body),
    open: async () => {
      const { dropBelow, ...rest } = await opened(freshFolder(), options);
      return name === "default sizes" || dropBelow === undefined ? rest : { ...rest, dropBelow };
    },
  });
}

eventLogSuite({
  test: (title, body) => test(`${title} (files in memory)`, body),
  open: async () => {
    const files = new CrashFiles();
    return {
      ...(await opened("/log", { ...SMALL, files })),
      powerCut: (random) => FileEventLog.open("/log", { ...SMALL, files: files.image(random) }),
    };
  },
});

test("a trace is given back while its record is among the last, whichever read finds it", async () => {
  const { log } = await opened(freshFolder(), { tailBytes: 1 });
  await log.create("traced", 2);
  const record = (traceparent?: string) => ({
    partition: 1,
    key: new Uint8Array(1),
    value: new Uint8Array(300_000),
    ...(traceparent ? { traceparent } : {}),
  });
  await log.append("traced", [record(), record("a"), record("b")]);
  await log.append("traced", [record("c"), record()]);
  const found = [];
  for (let from = 0; from < 5; ) {
    const { to, traces } = await log.read("traced", 1, from, 1);
    found.push(...(traces ?? []).map((t) => `${t.offset}${t.traceparent}`));
    from = to;
  }
  assert.deepEqual(found, ["1a", "2b", "3c"]);
  assert.equal((await log.read("traced", 1, 4, 1)).traces, undefined);
  for (let i = 0; i < 2_500; i++)
    await log.append("traced", [{ ...record(`${i}`), value: new Uint8Array(1) }]);
  const { traces } = await log.read("traced", 1, 0, 1e9);
  assert.ok((traces?.length ?? 0) < 2_000);
  await log.close();
});

test("whoever reads on and on from memory lets others have their turns", async () => {
  const { log } = await opened(freshFolder(), {});
  await log.create("read", 1);
  const record = { partition: 0, key: new Uint8Array(1), value: new Uint8Array(1000) };
  await log.append(
    "read",
    Array.from({ length: 50 }, () => record),
  );
  let turns = 0;
  let counting = setImmediate(function next() {
    turns++;
    counting = setImmediate(next);
  });
  for (let from = 0; from < 50; ) from = (await log.read("read", 0, from, 1)).to;
  clearImmediate(counting);
  assert.ok(turns >= 49, `${turns} turns for 50 reads`);
  await log.close();
});

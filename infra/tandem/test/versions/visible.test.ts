// A second version of a metric backfills beside the first while queries go on: the bare name changes hands once,
// when nothing is lacking, no answer mixes the two, and a planner killed on the way is gone on from.
import assert from "node:assert/strict";
import { test } from "node:test";
import { retireVersion, showVersion } from "@tandem/batch-layer";
import { type Answer, type ViewStore, type VisibleRow, visibleKey } from "@tandem/shared-logic";
import { DATASET, dayNamed, type Stage } from "../stories/stage.ts";
import { DAYS, fiveDays, RANGE, TODAY, V1, V2, VALUES } from "./clicks.ts";

const row = async (stage: Stage): Promise<VisibleRow | undefined> => {
  const found = await stage.ports.views.ledger(visibleKey(DATASET, "clicks"));
  return found && (JSON.parse(found.value) as VisibleRow);
};

/** Every point of an answer is of the version it names, and nothing lacks. */
function whole(answer: Answer): number {
  const values = answer.points.map((p) => p.value);
  assert.deepEqual(values, VALUES[answer.version], `version ${answer.version}`);
  assert.deepEqual(answer.missing, []);
  return answer.version;
}

/** `before` is called ahead of every write of a run and of the ledger. */
function watched(views: ViewStore, before: (call: string) => Promise<void>): ViewStore {
  return new Proxy(views, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function" || name === "scanRun")
        return typeof method === "function" ? method.bind(target) : method;
      return async (...args: unknown[]): Promise<unknown> => {
        if (name === "writeRun" || name === "cas") await before(String(name));
        return method.apply(target, args) as unknown;
      };
    },
  });
}

test("the bare name changes hands once, when every day has a run, and no answer mixes versions", async () => {
  const stage = await fiveDays();
  assert.deepEqual((await row(stage))?.version, 1);
  await stage.restart([V1, V2]);
  assert.equal(whole(await stage.ask("clicks", RANGE)), 1);
  const seen: number[] = [];
  const views = watched(stage.ports.views, async () => {
    await stage.fold();
    seen.push(whole(await stage.ask("clicks", RANGE)));
  });
  const { versions } = await stage.seal({}, stage.planner([V1, V2], views));
  await stage.fold();
  seen.push(whole(await stage.ask("clicks", RANGE)));
  assert.deepEqual(versions.changes, [{ name: "clicks", from: 1, to: 2 }]);
  assert.ok(seen.length > 10, String(seen.length));
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
  assert.deepEqual([seen[0], seen.at(-1)], [1, 2]);
  // The open day was backfilled too; more events and runs change nothing about it.
  assert.ok((await stage.ledger(TODAY)).entries[V2.fingerprint]);
  await stage.until("2026-03-07T01:00:00Z");
  const again = await stage.seal();
  assert.deepEqual(again.versions, { changes: [], waiting: [] });
  assert.equal(whole(await stage.ask("clicks", RANGE)), 2);
  assert.deepEqual(
    (await row(stage))?.flips.map((f) => [f.by, f.version]),
    [
      ["batch", 1],
      ["batch", 2],
    ],
  );
  assert.equal(whole(await stage.ask("clicks@1", RANGE)), 1);
});

test("killed at any write of the backfill, the next planner goes on and the name flips once", async () => {
  const stage = await fiveDays();
  await stage.restart([V1, V2]);
  let [killed, dead] = [0, true];
  for (let at = 1; dead && at < 100; at++) {
    let writes = 0;
    dead = false;
    const views = watched(stage.ports.views, async () => {
      writes++;
      if (writes < at) return;
      dead = true;
      throw new Error("killed");
    });
    await stage.seal({}, stage.planner([V1, V2], views)).catch((e: Error) => {
      assert.equal(e.message, "killed");
      killed++;
    });
    await stage.fold();
    assert.equal(whole(await stage.ask("clicks", RANGE)), (await row(stage))?.version);
  }
  assert.ok(killed >= 5, String(killed));
  assert.deepEqual(
    (await row(stage))?.flips.map((f) => f.version),
    [1, 2],
  );
  assert.equal(whole(await stage.ask("clicks", RANGE)), 2);
});

test("a day that the newer version lacks keeps it back, and is named", async () => {
  const stage = await fiveDays();
  await stage.restart([V1, V2]);
  const some = await stage.seal({ until: dayNamed("2026-03-05") });
  await stage.fold();
  assert.deepEqual(some.versions.waiting, [
    {
      name: "clicks",
      version: 2,
      done: 3,
      wanted: 5,
      missing: [dayNamed("2026-03-05"), dayNamed(TODAY)],
    },
  ]);
  assert.equal((await stage.ask("clicks", RANGE)).version, 1);
  assert.equal((await stage.ask("clicks@2", RANGE)).missing.length, 1);
  await stage.seal();
  assert.equal(whole(await stage.ask("clicks", RANGE)), 2);
});

test("what was asked as of a moment is answered by the version that was shown then", async () => {
  const stage = await fiveDays();
  await stage.restart([V1, V2]);
  const asOf = "2026-03-06T12:01:00Z";
  await stage.until("2026-03-06T13:00:00Z");
  await stage.seal();
  await stage.fold();
  const past = { from: DAYS[0] ?? "", until: TODAY, grain: "day", asOf };
  assert.equal((await stage.ask("clicks", RANGE)).version, 2);
  assert.equal((await stage.ask("clicks", past)).version, 1);
});

test("by hand a name goes back and stays there; shown again, it goes on", async () => {
  const stage = await fiveDays();
  await stage.restart([V1, V2]);
  await stage.seal();
  await stage.fold();
  await showVersion(stage.ports, DATASET, V1, { by: "ann", held: true });
  assert.equal(whole(await stage.ask("clicks", RANGE)), 1);
  await stage.seal();
  assert.equal(whole(await stage.ask("clicks", RANGE)), 1);
  await showVersion(stage.ports, DATASET, V2, { by: "ann", held: false });
  assert.equal(whole(await stage.ask("clicks", RANGE)), 2);
});

test("retired, the old version's file may go", async () => {
  const stage = await fiveDays();
  await stage.restart([V1, V2]);
  await stage.seal();
  await stage.fold();
  await assert.rejects(() => stage.restart([V2]), { code: "metric_missing" });
  await stage.restart([V1, V2]);
  const archive = await stage.batch.archive();
  const { ports } = stage;
  assert.equal((await retireVersion(ports, DATASET, archive, "clicks", 1)).state, "retired");
  assert.equal((await retireVersion(ports, DATASET, archive, "clicks", 1)).state, "before");
  assert.equal((await retireVersion(ports, DATASET, archive, "clicks", 9)).state, "unknown");
  await stage.restart([V2]);
  await stage.send({ id: "x", at: `${TODAY}T11:30:00Z`, type: "tap" });
  await stage.fold();
  await stage.seal({ includeOpen: true });
  const answer = await stage.ask("clicks", RANGE);
  assert.deepEqual(
    answer.points.map((p) => p.value),
    [3, 3, 3, 3, 4],
  );
});

// Runs: the same inputs give the same run, one compare-and-set makes it visible, and of two at once each
// metric has one winner.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryViewStore } from "@tandem/adapters/memory";
import { inlineTasks, sealDay } from "@tandem/batch-layer";
import { catalogue, dayKey, type Metric, newestCut, type ViewStore } from "@tandem/shared-logic";
import { DATASET, dayNamed, exactly, Stage, told } from "./stage.ts";

const DAY = "2026-03-02";
const named = (...names: string[]): Metric[] => catalogue.filter((m) => names.includes(m.name));

async function busyDay(metrics: readonly Metric[], types = 3): Promise<Stage> {
  const stage = await Stage.at("2026-03-02T23:59:00Z", metrics);
  for (let hour = 0; hour < 24; hour++) {
    const at = `${DAY}T${String(hour).padStart(2, "0")}:30:00Z`;
    const told = Array.from({ length: types }, (_, i) => ({
      id: `${hour}-${i}`,
      at,
      type: `t${i}`,
      user: `u${i % 5}`,
    }));
    await stage.send(...told);
  }
  await stage.until("2026-03-03T00:10:00Z");
  await stage.fold();
  return stage;
}

/** `views`, with `before` called ahead of every write of a run and of a day's ledger row. */
function watched(views: ViewStore, before: (call: string) => Promise<void>): ViewStore {
  return new Proxy(views, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      // Yields rows and no promise.
      if (name === "scanRun") return method.bind(target);
      return async (...args: unknown[]): Promise<unknown> => {
        const ofDay = name === "cas" && args[0] === dayKey(DATASET, dayNamed(DAY));
        if (name === "writeRun" || name === "readBack" || ofDay) await before(String(name));
        return method.apply(target, args) as unknown;
      };
    },
  });
}

test("the same day sealed twice is the same run, byte for byte", async () => {
  const stage = await busyDay(named("events", "sessions", "active_users"));
  const { sealed } = await stage.seal();
  const archive = await stage.batch.archive();
  const cut = newestCut(archive.manifest);
  assert.ok(cut);
  const { metrics, unitPorts } = stage;
  const tasks = inlineTasks(unitPorts, (fp) => metrics.find((m) => m.fingerprint === fp));
  for (const views of [stage.ports.views, new MemoryViewStore()]) {
    const ports = { ...stage.ports, ...unitPorts, tasks, views };
    const again = await sealDay(ports, DATASET, archive, cut, dayNamed(DAY), metrics);
    assert.equal(again.length, 3);
    for (const { fingerprint, run, published } of again) {
      assert.equal(run, sealed.find((s) => s.fingerprint === fingerprint)?.run);
      assert.deepEqual(await views.readBack(run), await stage.ports.views.readBack(run));
      assert.equal(published.state, views === stage.ports.views ? "unchanged" : "published");
    }
  }
});

test("readers never see half a run", async () => {
  const stage = await busyDay(named("events"), 120);
  const seen: string[] = [];
  const look = async (call: string): Promise<void> => {
    const answer = await stage.day("events", DAY);
    seen.push(`${call} ${answer.points[0]?.value} ${answer.points[0]?.layer}`);
  };
  const views = watched(stage.ports.views, look);
  await stage.seal({}, stage.planner(stage.metrics, views));
  // More rows than one write takes; then the proof that all are there, then the one that shows them.
  assert.ok(seen.filter((s) => s.startsWith("writeRun")).length >= 2);
  assert.ok(seen.at(-1)?.startsWith("cas"));
  assert.deepEqual(new Set(seen.map((s) => s.slice(s.indexOf(" ")))), new Set([" 2880 speed"]));
  await stage.fold();
  assert.deepEqual(told(await stage.day("events", DAY)), exactly(2880));
});

test("two runs at once for different metrics of a day both land", async () => {
  const [events, users] = [named("events"), named("active_users")];
  const stage = await busyDay([...events, ...users]);
  let other: Promise<unknown> | undefined;
  const meanwhile = watched(stage.ports.views, async (call) => {
    if (call !== "cas") return;
    other ??= stage.planner(users).run();
    await other;
  });
  const outcome = await stage.seal({}, stage.planner(events, meanwhile));
  assert.deepEqual(
    outcome.sealed.map((s) => s.published.state),
    ["published"],
  );
  assert.equal(Object.keys((await stage.ledger(DAY)).entries).length, 2);
  await stage.fold();
  assert.deepEqual(told(await stage.day("events", DAY)), exactly(72));
  assert.deepEqual(told(await stage.day("active_users", DAY)), exactly(3));
});

test("of two runs at once for one metric the slower one is superseded", async () => {
  const metrics = named("events");
  const stage = await busyDay(metrics);
  let other: Promise<unknown> | undefined;
  const meanwhile = watched(stage.ports.views, async (call) => {
    if (call !== "cas") return;
    other ??= stage
      .send({ id: "late", at: `${DAY}T12:00:00Z` })
      .then(() => stage.planner(metrics).run());
    await other;
  });
  const outcome = await stage.seal({}, stage.planner(metrics, meanwhile));
  const current = Object.values((await stage.ledger(DAY)).entries)[0]?.run;
  const [slow] = outcome.sealed;
  assert.deepEqual(slow?.published, { state: "superseded", by: current, pinned: false });
  assert.notEqual(slow?.run, current);
  await stage.fold();
  assert.deepEqual(told(await stage.day("events", DAY)), exactly(73));
});

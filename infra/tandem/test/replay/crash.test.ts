// A replay whose process dies before any of its writes: started, promoted and dropped again, it ends as one that nobody
// killed; meanwhile answers are those of before, or, day by day, those of after.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReplaySource } from "@tandem/batch-layer";
import { type Metric, type ObjectStore, seededRandom, type ViewStore } from "@tandem/shared-logic";
import { DAYS, fsck, METRICS, sealedStage, shown } from "../fsck/fsck-stage.ts";
import { changed } from "../seam/port-wrappers.ts";
import type { Stage } from "../stories/stage.ts";
import { compare, editRows, keysOf, promote, replaysOf, type Seen, start } from "./replay-stage.ts";

/** Of each step; every write where it has fewer. */
const KILLS = Number(process.env["TANDEM_REPLAY_KILLS"] ?? 6);
const SEEN = METRICS[0] as Metric;

class Killed extends Error {}

/** The stores of a process that dies before its `at`th write. */
function dying(stage: Stage, at: number): Required<Seen> & { readonly writes: () => number } {
  let writes = 0;
  const { views, objects } = stage.ports;
  const before = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      if (writes++ >= at) throw new Killed();
      return call(...args);
    };
  };
  return {
    writes: () => writes,
    views: changed<ViewStore>(views, {
      cas: before(views.cas.bind(views)),
      writeRun: before(views.writeRun.bind(views)),
      removeRun: before(views.removeRun.bind(views)),
    }),
    objects: changed<ObjectStore>(objects, {
      putIfAbsent: before(objects.putIfAbsent.bind(objects)),
      remove: before(objects.remove.bind(objects)),
    }),
  };
}

/** Two of three days show too little. */
async function edited(): Promise<Stage> {
  const stage = await sealedStage(seededRandom(1), 6);
  for (const day of DAYS.slice(0, 2)) await editRows(stage, day, SEEN, (rows) => rows.slice(1));
  return stage;
}

type Values = (number | string | null)[][];
const valuesOf = async (stage: Stage): Promise<Values> =>
  (await shown(stage)).map((a) => a.points.map((p) => p.value));

type Step = (stage: Stage, seen?: Seen) => Promise<unknown>;

/** Each step killed before some of its writes, then done again; the stage as it is then. */
async function killedAt(
  steps: readonly Step[],
  step: number,
  at: number,
): Promise<[Stage, Values]> {
  const stage = await edited();
  let meanwhile: Values = [];
  for (const [i, run] of steps.entries()) {
    if (i === step) {
      await assert.rejects(run(stage, dying(stage, at)) as Promise<unknown>, Killed);
      meanwhile = await valuesOf(stage);
      const damaged = (await fsck(stage)).left.map((f) => f.kind);
      const where = `step ${i}, killed at ${at}: ${damaged}`;
      assert.ok(damaged.length <= 2 && damaged.every((kind) => kind === "run_rows"), where);
    }
    await run(stage);
  }
  return [stage, meanwhile];
}

for (const source of ["archive", "topic"] as const satisfies readonly ReplaySource[])
  test(`from the ${source}, killed before any of its writes`, async (t) => {
    const steps: readonly Step[] = [
      async (stage, seen = {}) => {
        await start(stage, "r", source, seen);
        await compare(stage, "r");
      },
      (stage, seen) => promote(stage, "r", seen),
      (stage, seen = {}) => replaysOf(stage, seen).drop("r"),
    ];
    const whole = await edited();
    const counts: number[] = [];
    const states: Values[] = [await valuesOf(whole)];
    for (const step of steps) {
      const count = dying(whole, Number.POSITIVE_INFINITY);
      await step(whole, count);
      counts.push(count.writes());
      states.push(await valuesOf(whole));
    }
    const [low = [], , right = []] = states;
    assert.notDeepEqual(low, right);
    const expected = (await keysOf(whole)).length;
    let kills = 0;
    for (const [step, writes] of counts.entries()) {
      assert.ok(writes > 4, `step ${step}: ${writes} writes`);
      for (let at = 0; at < writes; at += Math.max(1, Math.floor(writes / KILLS))) {
        const [stage, meanwhile] = await killedAt(steps, step, at);
        const where = `step ${step}, killed at ${at}`;
        for (const [i, values] of meanwhile.entries()) {
          const then = step === 0 ? [low[i]] : step === 1 ? [low[i], right[i]] : [right[i]];
          assert.ok(
            then.some((v) => JSON.stringify(v) === JSON.stringify(values)),
            where,
          );
        }
        assert.deepEqual(await valuesOf(stage), right, where);
        assert.deepEqual((await fsck(stage)).left, [], where);
        assert.equal((await keysOf(stage)).length, expected, where);
        assert.deepEqual(await keysOf(stage, "replays/"), [], where);
        kills++;
      }
    }
    t.diagnostic(`${kills} kills over ${counts.join(", ")} writes`);
  });

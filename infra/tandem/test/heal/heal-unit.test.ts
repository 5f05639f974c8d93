// A heal is plus(kept exact state at the old V, new records up to the new V): byte-equal to the full run, over
// random logs of one to three partitions with late events, copies near and far, and sessions over midnight.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "@tandem/batch-layer";
import { Batch, inlineTasks } from "@tandem/batch-layer";
import { below, catalogue, type Random, seededRandom } from "@tandem/shared-logic";
import { DATASET, dayNamed, Stage, type Told } from "../stories/stage.ts";
import { assertFull } from "./full-run.ts";

const DAYS = ["2026-03-02", "2026-03-03", "2026-03-04"];
const SCHEDULES = Number(process.env["HEAL_SCHEDULES"] ?? 9);
const SEED = Number(process.env["SEED"] ?? 1);

function randomEvent(random: Random, sent: Told[]): Told {
  const again = sent.length > 0 && below(random, 5) === 0;
  const old = again ? sent[below(random, sent.length)] : undefined;
  // A copy may say another time of its day, or another day; the first of an id and day wins.
  if (old && below(random, 3) > 0) return old;
  const pad = (n: number): string => String(n).padStart(2, "0");
  const atMidnight = below(random, 3) === 0;
  const hour = atMidnight ? 23 * below(random, 2) : below(random, 24);
  const time = `${pad(hour)}:${pad(below(random, 60))}:00Z`;
  const price = below(random, 3) === 0 ? {} : { price: below(random, 500) / 4 };
  return {
    id: old?.id ?? `e${sent.length}`,
    at: `${DAYS[below(random, DAYS.length)]}T${time}`,
    type: ["page_view", "purchase", "click", "error"][below(random, 4)] ?? "click",
    user: `u${below(random, 6)}`,
    ...price,
  };
}

test("healed states and runs are byte for byte those of full runs", async () => {
  const done = { unit: 0, "heal-unit": 0, "merge-day": 0, "patch-day": 0, "merge-span": 0 };
  for (let seed = SEED; seed < SEED + SCHEDULES; seed++) {
    const random = seededRandom(seed);
    const stage = await Stage.at("2026-03-05T00:10:00Z", catalogue, 1 + (seed % 3));
    const own = inlineTasks(stage.unitPorts, (fp) => catalogue.find((m) => m.fingerprint === fp));
    const tasks = (task: Task) => {
      done[task.task]++;
      return own(task);
    };
    const batch = new Batch({ ...stage.ports, ...stage.unitPorts, tasks }, DATASET, catalogue);
    const sent: Told[] = [];
    for (let round = 0; round < 4; round++) {
      for (let n = 1 + below(random, round === 0 ? 30 : 6); n > 0; n--) {
        const told = randomEvent(random, sent);
        sent.push(told);
        await stage.send(told);
      }
      const { cut, sealed } = await stage.seal({}, batch);
      for (const day of DAYS) {
        const entries = Object.entries((await stage.ledger(day)).entries);
        const fresh = new Set(
          sealed.filter((s) => s.day === dayNamed(day)).map((s) => s.fingerprint),
        );
        const metrics = catalogue.filter((m) => fresh.has(m.fingerprint));
        const runs = new Map(entries.map(([fp, { run }]) => [fp, run]));
        try {
          await assertFull(stage, cut, dayNamed(day), metrics, runs);
        } catch (error) {
          throw new Error(`seed ${seed}, round ${round}, ${day}`, { cause: error });
        }
      }
    }
  }
  // On average.
  assert.ok(done["heal-unit"] > SCHEDULES, JSON.stringify(done));
  assert.ok(done["patch-day"] > SCHEDULES * 10, JSON.stringify(done));
  assert.ok(done.unit <= SCHEDULES * DAYS.length * 2 * 2, JSON.stringify(done));
});

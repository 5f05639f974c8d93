// Small scenes where a few parties meet at just the places that matter, in many random orders. What
// thousands of schedules hardly ever bring together stands here face to face.
import {
  below,
  ColumnScanner,
  type Metric,
  type Random,
  seededRandom,
  type UtcDay,
} from "@tandem/shared-logic";
import { SpeedWorker } from "@tandem/speed-layer";
import { Actor } from "./actor.ts";
import type { Rule } from "./broken-rule.ts";
import { cutJob, dropJob, retireJob, rollbackJob, sealJob } from "./planner.ts";
import type { Setting } from "./schedule.ts";
import { SEAM_FIELDS, SEAM_METRICS, tally, visits } from "./seam-metrics.ts";
import { newTally, Simulation, type Tally } from "./simulation.ts";
import { archiverActor } from "./speed-and-archive.ts";
import { DAYS, PARTITIONS } from "./told-log.ts";
import { fail, Violation } from "./violation.ts";
import { DATASET } from "./world.ts";

type Command = "fold" | "flush";
/** Actors one after the other. */
type Lane = readonly (() => Actor)[];

export interface Scene {
  readonly name: string;
  readonly metric: Metric;
  /** What happened before, and who meets then. */
  readonly begin: (stage: Stage) => Promise<readonly Lane[]>;
  /** The first lane is killed somewhere, alone or with everybody else by a power cut; then all settles. */
  readonly end?: "kill" | "power";
}

/** Events by the numbers that `World.produce` takes: partition 0, of one user. */
const E0 = 2;
const E0_LATE = 514;
const E1 = 2050;
const DAY0 = DAYS[0] as UtcDay;
const DAY1 = DAYS[1] as UtcDay;

class Stage {
  readonly sim: Simulation;
  constructor(sim: Simulation) {
    this.sim = sim;
  }

  async produce(...kinds: readonly number[]): Promise<void> {
    for (const r of kinds) await this.sim.step({ who: "produce", r });
  }

  /** A worker of partition `p`, gone up to command `until`. */
  async worker(p: number, commands: readonly Command[], until = commands.length): Promise<Actor> {
    const { world } = this.sim;
    let at = 0;
    const actor = new Actor(async (self) => {
      const ports = world.portsOf("worker", self);
      const place = { dataset: DATASET, partition: p, owner: `w${world.owners++}` };
      const scanner = new ColumnScanner(SEAM_FIELDS);
      const worker = new SpeedWorker(ports, place, SEAM_METRICS, scanner, { readBytes: 1 });
      await worker.open();
      for (const command of commands) {
        await self.pause();
        at++;
        await (command === "fold" ? worker.fold() : worker.flush());
      }
      await self.pause();
      at++;
    });
    while (at <= until && !actor.done) {
      if (at === until && until < commands.length) break;
      await this.sim.turn(actor, 0);
    }
    return actor;
  }

  /** Every partition's log in the views, up to its end. */
  async caughtUp(): Promise<void> {
    for (let p = 0; p < PARTITIONS; p++) {
      const length = this.sim.world.told[p]?.length ?? 0;
      await this.worker(p, [...Array.from({ length }, (): Command => "fold"), "flush"]);
    }
  }

  async cutAndArchived(): Promise<void> {
    await this.sim.drive(cutJob(this.sim.world, false));
    for (let p = 0; p < PARTITIONS; p++) {
      const archiver = archiverActor(this.sim.world, p);
      for (let i = 0; i < 40; i++) await this.sim.turn(archiver, 0);
    }
  }

  async sealed(metric: Metric, day: UtcDay): Promise<void> {
    await this.sim.drive(sealJob(this.sim.world, metric, day, 0));
  }

  reader(metric: Metric, from: number): Actor {
    return this.sim.reader("r0", metric, from, from + 1, "day");
  }
}

export const SCENES: readonly Scene[] = [
  {
    name: "a flush of two cells, a reader of both",
    metric: visits,
    async begin(stage) {
      await stage.produce(E0, E1);
      await stage.caughtUp();
      await stage.produce(E0, E1);
      const folds: Command[] = ["fold", "fold", "fold", "fold"];
      const worker = await stage.worker(0, [...folds, "flush"], 4);
      return [[() => worker], [() => stage.reader(visits, 1)]];
    },
  },
  {
    name: "two owners at different offsets, a reader",
    metric: tally,
    async begin(stage) {
      await stage.produce(E0);
      await stage.caughtUp();
      await stage.produce(E0, E0);
      const behind = await stage.worker(0, ["fold", "fold", "flush"], 2);
      const ahead = await stage.worker(0, ["fold", "fold", "fold", "flush"], 3);
      return [
        [() => behind],
        [() => ahead],
        [() => stage.reader(tally, 0), () => stage.reader(tally, 0)],
      ];
    },
  },
  {
    name: "publish, retire, drop, a reader that has the old ledger row",
    metric: tally,
    async begin(stage) {
      const { world } = stage.sim;
      await stage.produce(E0);
      await stage.cutAndArchived();
      await stage.sealed(tally, DAY0);
      await stage.produce(E0);
      await stage.cutAndArchived();
      await stage.produce(E0);
      await stage.caughtUp();
      await stage.sim.drive(stage.reader(tally, 0));
      const jobs = [
        () => sealJob(world, tally, DAY0, 0),
        () => retireJob(world, tally, DAY0),
        () => dropJob(world, tally, DAY0),
      ];
      return [jobs, [() => stage.reader(tally, 0)]];
    },
  },
  {
    name: "retire, drop, rollback, readers",
    metric: tally,
    async begin(stage) {
      const { world } = stage.sim;
      for (const _ of [1, 2, 3]) {
        await stage.produce(E0);
        await stage.cutAndArchived();
        await stage.sealed(tally, DAY0);
      }
      await stage.produce(E0);
      await stage.caughtUp();
      const jobs = [
        () => retireJob(world, tally, DAY0),
        () => dropJob(world, tally, DAY0),
        () => rollbackJob(world, tally, DAY0, 0),
      ];
      return [jobs, [() => stage.reader(tally, 0), () => stage.reader(tally, 0)]];
    },
  },
  {
    name: "a flush cut short, a run published past the position, two reads",
    metric: tally,
    async begin(stage) {
      const { world } = stage.sim;
      await stage.cutAndArchived();
      await stage.caughtUp();
      await stage.produce(E0);
      await stage.cutAndArchived();
      await stage.produce(E0);
      const folds: Command[] = ["fold", "fold", "fold", "fold"];
      const worker = await stage.worker(0, [...folds, "flush"], 4);
      // All but the position: every single write is a turn of its own.
      while (!worker.done && !(await hasRows(stage, 2))) await stage.sim.turn(worker, 0);
      return [
        [() => sealJob(world, tally, DAY0, 0)],
        [() => stage.reader(tally, 0), () => stage.reader(tally, 0), () => stage.reader(tally, 0)],
      ];
    },
  },
  {
    name: "a late event in day 0, healed before day 1, a reader of day 1",
    metric: visits,
    async begin(stage) {
      const { world } = stage.sim;
      await stage.produce(E1);
      await stage.cutAndArchived();
      await stage.caughtUp();
      await stage.sealed(visits, DAY1);
      await stage.produce(E0_LATE);
      await stage.cutAndArchived();
      await stage.caughtUp();
      const seals = [() => sealJob(world, visits, DAY0, 0), () => sealJob(world, visits, DAY1, 0)];
      return [seals, [() => stage.reader(visits, 1), () => stage.reader(visits, 1)]];
    },
  },
  {
    name: "two planners cut, one is killed somewhere",
    metric: tally,
    end: "kill",
    async begin(stage) {
      const { world } = stage.sim;
      await stage.produce(E0);
      return [[() => cutJob(world, true)], [() => cutJob(world, false)]];
    },
  },
  {
    name: "a planner cuts, the power fails, another cuts",
    metric: tally,
    end: "power",
    async begin(stage) {
      const { world } = stage.sim;
      await stage.produce(E0);
      return [[() => cutJob(world, false)], [() => cutJob(world, true)]];
    },
  },
];

async function hasRows({ sim }: Stage, n: number): Promise<boolean> {
  const range = { from: 0, until: 1e15 } as Parameters<typeof sim.world.views.readSpeed>[0];
  const query = { ...range, dataset: DATASET, fp: tally.fingerprint, tenant: "t", set: 0 };
  sim.world.current = undefined;
  return (await sim.world.views.readSpeed(query)).length >= n;
}

const SETTING: Omit<Setting, "metrics"> = {
  atomic: false,
  fresh: true,
  shortFilter: false,
  readBytes: 1,
  days: [0],
};
/** Turns in a row, at most; each seed has its own, so that somebody may stand still for long. */
const BURSTS = [1, 3, 10, 40];
const KILL_ONE_IN = 8;
const MOST_TURNS = 2000;

/** Plays the scene in the order that the seed draws. */
export async function playScene(
  scene: Scene,
  seed: number,
  rule?: Rule,
  counted: Tally = newTally(),
): Promise<Violation | undefined> {
  const sim = new Simulation({ ...SETTING, metrics: [scene.metric] }, rule, counted);
  try {
    await sim.begin();
    await play(sim, await scene.begin(new Stage(sim)), seededRandom(seed), scene.end);
    if (scene.end) await sim.settle();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return error;
  }
  return undefined;
}

async function play(
  sim: Simulation,
  lanes: readonly Lane[],
  random: Random,
  end: Scene["end"],
): Promise<void> {
  const waiting = lanes.map((lane) => ({ jobs: [...lane], actor: undefined as Actor | undefined }));
  const most = BURSTS[below(random, BURSTS.length)] ?? 1;
  for (let ended = end === undefined, turns = 0; ; ) {
    const live = waiting.filter((lane) => lane.actor !== undefined || lane.jobs.length > 0);
    const lane = ended || turns > 0 ? live[below(random, live.length)] : waiting[0];
    if (!lane) return;
    for (let n = 1 + below(random, most); n > 0; n--) {
      const actor = lane.actor ?? lane.jobs.shift()?.();
      if (!actor) break;
      await sim.turn(actor, 0);
      sim.tally.steps++;
      if (++turns > MOST_TURNS) fail("I0", "the scene does not end");
      lane.actor = actor.done ? undefined : actor;
      if (ended || lane !== waiting[0] || below(random, KILL_ONE_IN) > 0) continue;
      ended = true;
      lane.actor = undefined;
      if (end === "kill") continue;
      await sim.step({ who: "power", r: random.u32() >>> 12 });
      for (const other of waiting) other.actor = undefined;
    }
  }
}

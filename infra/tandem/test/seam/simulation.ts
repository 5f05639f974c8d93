// The seam under a schedule: production code of all layers in one process, step by step, with kills,
// zombies, power cuts and races; then everybody is let finish, and every answer must be exact and true.

import type { ArchiveCodec } from "@tandem/shared-logic";
import { TandemError, type UtcDay } from "@tandem/shared-logic";
import type { Actor } from "./actor.ts";
import type { Rule } from "./broken-rule.ts";
import { kindOf, type PointKind, Reading } from "./check-read.ts";
import { cutJob, plannerActor, sealJob, unpinJob } from "./planner.ts";
import { type Read, type ReadGrain, readerActor } from "./reader.ts";
import { type Action, PARTIES, type Party, type Setting, type Who } from "./schedule.ts";
import { FIRST_METRICS, SEAM_METRICS } from "./seam-metrics.ts";
import { archiverActor, workerActor } from "./speed-and-archive.ts";
import { tinyCodec } from "./tiny-codec.ts";
import { DAYS, PARTITIONS } from "./told-log.ts";
import { fail, Violation } from "./violation.ts";
import { DATASET, World } from "./world.ts";

export interface Tally {
  steps: number;
  readonly points: Record<PointKind | "exact", number>;
  readonly losses: Record<string, number>;
}

export const newTally = (): Tally => ({
  steps: 0,
  points: { exact: 0, batch: 0, both: 0, speed: 0, lag: 0, torn: 0, missing: 0 },
  losses: {},
});

const READER_STEPS = 600;
const JOB_STEPS = 3000;
/** Of a reader, one after the other. */
const ASKS = 3;
/** Calls of ports in one action: mostly a few, so that jobs meet half-way; at times many, so that they end. */
const BURSTS = [1, 2, 6, 20];
const FOLD = 1;
const FLUSH = 3;

export class Simulation {
  readonly world: World;
  readonly tally: Tally;
  private readonly setting: Setting;
  private readonly actors = new Map<Party, Actor>();
  private readonly readings = new Map<string, Reading>();
  /** Reads that ended in this step. */
  private answers: { who: string; read: Read; grain: ReadGrain; began: Map<string, number> }[] = [];

  constructor(setting: Setting, rule?: Rule, tally = newTally(), codec: ArchiveCodec = tinyCodec) {
    this.setting = setting;
    this.tally = tally;
    this.world = new World({ ...setting, codec }, rule);
  }

  async begin(): Promise<void> {
    await this.world.create();
  }

  runs(who: Who): boolean {
    return this.actors.has(who as Party);
  }

  async step({ who, r }: Action): Promise<void> {
    if (who === "produce") return this.world.produce(r);
    if (who === "power") return this.power(r);
    if (who === "kill") return this.kill(r);
    const actor = this.actors.get(who) ?? this.make(who, r);
    this.actors.set(who, actor);
    const turns = BURSTS[r >>> 18] ?? 1;
    for (let i = 0; i < turns && !actor.done; i++) {
      this.tally.steps++;
      await this.turn(actor, r);
    }
    if (actor.done) this.actors.delete(who);
  }

  private power(r: number): void {
    this.world.powerCut(r);
    this.actors.clear();
    this.readings.clear();
  }

  private async kill(r: number): Promise<void> {
    const who = PARTIES[r % PARTIES.length] ?? "r0";
    this.actors.delete(who);
    if (who.startsWith("w") && (r >> 6) % 8 === 0)
      await this.world.checkpoints.remove(`speed/${DATASET}/${who[1]}/head`);
  }

  private make(who: Party, r: number): Actor {
    const part = Number(who[1]);
    const metric =
      this.setting.metrics[(r >> 5) % this.setting.metrics.length] ?? FIRST_METRICS[0]!;
    const day = (this.setting.days[(r >> 8) % this.setting.days.length] ?? 0) as UtcDay;
    if (who.startsWith("w")) return workerActor(this.world, part, this.setting.readBytes);
    if (who.startsWith("a")) return archiverActor(this.world, part);
    if (who.startsWith("p")) return plannerActor(this.world, metric, day, r);
    const from = (r >> 3) % DAYS.length;
    const until = from + 1 + ((r >> 6) % (DAYS.length - from));
    const grain = (["day", "day", "day", "day", "day", "total", "total", "hour"] as const)[
      (r >> 10) % 8
    ];
    return this.reader(who, metric, from, until, grain ?? "day");
  }

  /** A reader of days [from, until), counted from the first; its answers are checked. */
  reader(
    who: string,
    metric: Read["metric"],
    from: number,
    until: number,
    grain: ReadGrain,
  ): Actor {
    let began = new Map(this.world.watch.rollbacks);
    const range = [(DAYS[0] ?? 0) + from, (DAYS[0] ?? 0) + until] as [UtcDay, UtcDay];
    const answered = (read: Read): void => {
      this.answers.push({ who, read, grain, began });
      began = new Map(this.world.watch.rollbacks);
    };
    return readerActor(this.world, metric, range, grain, answered, ASKS);
  }

  /** One actor's next call of a port, and the answers it gave. */
  async turn(actor: Actor, r: number): Promise<void> {
    this.world.current = actor;
    await actor.step(r);
    this.world.current = undefined;
    if (actor.failure !== undefined) this.failed(actor.failure);
    const answers = this.answers;
    this.answers = [];
    for (const { who, read, grain, began } of answers) {
      for (const w of read.windows) {
        this.tally.points[kindOf(w)]++;
        if (w.points[0]?.exact) this.tally.points.exact++;
      }
      const reading = this.readings.get(who) ?? new Reading(this.world);
      this.readings.set(who, reading);
      await reading.check(read, grain, began);
    }
  }

  /** Losing a race is promised; anything else that production code throws is not. */
  private failed(failure: unknown): void {
    if (failure instanceof Violation) throw failure;
    if (failure instanceof TandemError && failure.code === "run_superseded") {
      this.tally.losses[failure.code] = (this.tally.losses[failure.code] ?? 0) + 1;
      return;
    }
    fail("E", failure instanceof Error ? (failure.stack ?? failure.message) : String(failure));
  }

  /** Runs an actor alone to its end. */
  async drive(actor: Actor, limit = JOB_STEPS, invariant: "I0" | "I4" = "I4"): Promise<void> {
    for (let i = 0; !actor.done; i++) {
      if (i > limit) fail(invariant, "one that runs alone does not finish");
      this.tally.steps++;
      await this.turn(actor, 0);
    }
  }

  private async catchUp(): Promise<void> {
    for (let p = 0; p < PARTITIONS; p++) {
      const length = this.world.told[p]?.length ?? 0;
      const behind = async (): Promise<boolean> =>
        ((await this.world.views.positions(DATASET, PARTITIONS))[p]?.to ?? 0) < length;
      for (const slot of ["a", "b"] as const) {
        const who: Party = `w${p as 0 | 1}${slot}`;
        if (slot === "b" && !this.actors.has(who)) continue;
        for (let i = 0; i < 12 || (await behind()); i++) {
          if (i > 60 + 20 * length) fail("I4", `worker of p${p} does not catch up`);
          await this.step({ who, r: i % 3 === 2 ? FLUSH : FOLD });
        }
      }
      for (let i = 0; i < 3 * length + 12; i++) await this.step({ who: `a${p as 0 | 1}`, r: 0 });
    }
  }

  /** I0, then everything restarted, caught up, cut, archived and sealed: I4. */
  async settle(): Promise<void> {
    for (const who of ["r0", "r1"] as const) {
      const actor = this.actors.get(who);
      if (actor) await this.drive(actor, READER_STEPS, "I0");
      this.actors.delete(who);
    }
    if (this.setting.fresh)
      for (const who of PARTIES) if (who.startsWith("w")) this.actors.delete(who);
    for (const activate of [false, true]) {
      await this.drive(cutJob(this.world, activate));
      await this.catchUp();
    }
    for (const metric of SEAM_METRICS) {
      for (const day of DAYS as UtcDay[]) {
        await this.drive(unpinJob(this.world, metric, day));
        await this.drive(sealJob(this.world, metric, day, 0));
      }
    }
    for (const metric of SEAM_METRICS) await this.checkSettled(metric);
  }

  private async checkSettled(metric: Read["metric"]): Promise<void> {
    const told = this.world.told.flat().flatMap((e) => ("timeMs" in e ? [e.timeMs] : []));
    const reads: Read[] = [];
    const range = [DAYS[0], (DAYS[0] ?? 0) + DAYS.length] as [UtcDay, UtcDay];
    const actor = readerActor(this.world, metric, range, "day", (read) => reads.push(read));
    await this.drive(actor, READER_STEPS, "I0");
    const [read] = reads;
    if (!read) return fail("I4", `${metric.name} has no answer`);
    const began = this.world.watch.rollbacks;
    await new Reading(this.world).check(read, "day", began);
    const whole = this.world.told.every(
      (log, p) => (read.view.positions[p]?.to ?? 0) >= log.length,
    );
    for (const w of read.windows) {
      // Days before the first event and after the last have no run.
      if (!told.some((t) => t < w.window.until) || !told.some((t) => t >= w.window.from)) continue;
      const [point] = w.points;
      if (!whole || !point?.exact || point.layer !== "batch" || w.lag || w.torn.size > 0)
        fail(
          "I4",
          `${metric.name} is not exact when all has settled: ${JSON.stringify({ ...w, points: w.points.map((q) => ({ ...q, estimate: String(q.estimate.value?.units) })) })}`,
        );
    }
  }
}

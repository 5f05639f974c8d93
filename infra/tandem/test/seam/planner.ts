// The planner's jobs, composed of production steps: cut, seal by plan, roll back, unpin, retire, drop.
// Several may run at once, and any may stop for ever half-way.
import { createHash } from "node:crypto";
import {
  dropSegments,
  inlineTasks,
  makeCut,
  planDays,
  type ReachedCut,
  readLedger,
  retire,
  rollback,
  sealDay,
  unpin,
} from "@tandem/batch-layer";
import {
  type CutRow,
  cutKey,
  cutOffsets,
  type DayRow,
  dayKey,
  highestSeq,
  type ManifestEntry,
  ManifestIndex,
  type Metric,
  newestCut,
  TandemError,
  type UtcDay,
} from "@tandem/shared-logic";
import { Actor } from "./actor.ts";
import { added, metricOf } from "./seam-metrics.ts";
import { FIRST_DAY, PARTITIONS } from "./told-log.ts";
import { DATASET, type World } from "./world.ts";

const GENESIS = Array.from({ length: PARTITIONS }, () => 0);
const ALL_CLOSED = (FIRST_DAY + 100) as UtcDay;
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export const cutJob = (world: World, activate: boolean): Actor =>
  new Actor(async (self) => {
    const ports = world.portsOf("planner", self);
    const row = (await readLedger<CutRow>(ports.views, cutKey(DATASET))).value;
    const fresh = activate && row?.activatedAt[added.fingerprint] === undefined;
    await makeCut(ports, DATASET, fresh ? { activates: [added.fingerprint] } : {});
  });

/** `back`: against the newest cut that the archive has reached, or the one before. */
export const sealJob = (world: World, metric: Metric, day: UtcDay, back: number): Actor =>
  new Actor(async (self) => {
    const ports = world.portsOf("planner", self);
    const { codec } = world.options;
    const { planted } = world;
    const index = new ManifestIndex(ports.objects, DATASET, GENESIS);
    await index.poll();
    const cut = reachedCut(index.entries, back);
    const cutRow = (await readLedger<CutRow>(ports.views, cutKey(DATASET))).value;
    if (!cut || !cutRow) return;
    const row = (await readLedger<DayRow>(ports.views, dayKey(DATASET, day))).value;
    const archive = { genesis: GENESIS, manifest: index.entries };
    const reached = planted.cut?.(cut) ?? cut;
    const [planned] = planDays({
      archive,
      cut: reached,
      cutRow: planted.cutRow?.(cutRow) ?? cutRow,
      days: new Map(row ? [[day, row]] : []),
      metrics: [planted.planned?.(metric) ?? metric],
      today: ALL_CLOSED,
      includeOpen: true,
      from: day,
      until: (day + 1) as UtcDay,
    });
    if (!planned) return;
    const unit = { objects: ports.objects, codec, sha256 };
    const sealing = { ...unit, views: ports.views, tasks: inlineTasks(unit, metricOf) };
    await sealDay(sealing, DATASET, archive, reached, day, [metric]);
  });

function reachedCut(
  entries: readonly (readonly ManifestEntry[])[],
  back: number,
): ReachedCut | undefined {
  const newest = newestCut(entries);
  if (!newest || back === 0) return newest;
  for (let seq = newest.seq - 1; seq > 0 && seq <= highestSeq(entries); seq--) {
    const v = cutOffsets(entries, seq);
    if (v) return { seq, v };
  }
  return undefined;
}

export const rollbackJob = (world: World, metric: Metric, day: UtcDay, r: number): Actor =>
  new Actor(async (self) => {
    const { views } = world.portsOf("rollback", self);
    const fp = metric.fingerprint;
    const row = (await readLedger<DayRow>(views, dayKey(DATASET, day))).value;
    const others = (row?.selectable[fp] ?? []).filter((x) => x.run !== row?.entries[fp]?.run);
    try {
      await rollback(views, DATASET, day, fp, others[r % (others.length || 1)]?.run);
    } catch (error) {
      // Somebody else was faster: the operator looks again.
      if (!(error instanceof TandemError && error.code === "run_superseded")) throw error;
    }
  });

export const unpinJob = (world: World, metric: Metric, day: UtcDay): Actor =>
  new Actor(async (self) => {
    await unpin(world.portsOf("planner", self).views, DATASET, day, metric.fingerprint);
  });

export const retireJob = (world: World, metric: Metric, day: UtcDay): Actor =>
  new Actor(async (self) => {
    await retire(world.portsOf("planner", self).views, DATASET, day, metric.fingerprint);
  });

export const dropJob = (world: World, metric: Metric, day: UtcDay): Actor =>
  new Actor(async (self) => {
    const { views } = world.portsOf("drop", self);
    const { planted } = world;
    if (planted.drop) await planted.drop(views, metric, day);
    else await dropSegments(views, DATASET, planted.dropped?.(metric) ?? metric, day);
  });

/** The number's job, as a production planner would come to it in some hour of its life. */
export function plannerActor(world: World, metric: Metric, day: UtcDay, r: number): Actor {
  const kind = r % 16;
  if (kind < 3) return cutJob(world, (r >> 10) % 2 === 1);
  if (kind < 9) return sealJob(world, metric, day, 0);
  if (kind < 10) return sealJob(world, metric, day, 1);
  if (kind < 11) return rollbackJob(world, metric, day, r >> 10);
  if (kind < 12) return unpinJob(world, metric, day);
  if (kind < 13) return retireJob(world, metric, day);
  return dropJob(world, metric, day);
}

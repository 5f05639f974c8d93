// Goal G1: what ten times the events of the same keys cost the speed layer, as the exponent of growth in CPU,
// in the state it holds and in its views. Cells are days, and before the clock starts each log gives events of
// every key, so that the keys stay the same. And what more rows cost batch.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { SqliteViewStore } from "@tandem/adapters/embedded";
import {
  count,
  DAY_MS,
  distinct,
  type EpochMs,
  metric,
  type RecordBatch,
  user,
} from "@tandem/shared-logic";
import type { Row } from "./figure.ts";
import { inFolder } from "./folder.ts";
import { batchGrowth } from "./growth-batch.ts";
import { batchesOf, HeldLog, ownRecords } from "./held-log.ts";
import { goalFigure } from "./measured.ts";
import { inTurn, medians } from "./rounds.ts";
import { DATASET, openSpeedRun, type SpeedRun } from "./speed-run.ts";
import { makeKeys, makeWorkload, START_MS, TENANTS, type Workload } from "./workload.ts";

const SMALL = Number(process.env["EVENTS"] ?? 200_000);
const TIMES = 10;
const ROUNDS = Number(process.env["ROUNDS"] ?? 5);
const USERS = 50;
const YEAR_MS = 365 * DAY_MS;

const common = { unit: "", version: 1, by: [["event_type"]], examples: [] };
const metrics = [
  metric({ ...common, name: "c", title: "c", reducer: count({ grains: ["day"] }) }),
  metric({ ...common, name: "u", title: "u", reducer: distinct(user(), { grains: ["day"] }) }),
];

export const growth: Row = (say) =>
  inFolder(async (folder) => {
    const keys = batchesOf(everyKey());
    const keysEnd = keys.at(-1)?.to ?? 0;
    const logs = {
      small: [...keys, ...behind(keysEnd, makeWorkload(SMALL, 1, USERS))],
      large: [...keys, ...behind(keysEnd, makeWorkload(SMALL * TIMES, 1, USERS))],
    };
    const blocks = { small: 0, large: 0 };
    const last = { small: "", large: "" };
    let runs = 0;
    const contender = (size: keyof typeof logs, repeat: number) => async () => {
      const opened: SpeedRun[] = [];
      for (let i = 0; i < repeat; i++) {
        const path = join(folder, String(runs++));
        await mkdir(path);
        last[size] = path;
        opened.push(await openBehindKeys(path, logs[size], keysEnd));
      }
      return async () => {
        for (const run of opened) {
          await run.work();
          blocks[size] = stateOf(run);
          await run.close();
        }
      };
    };
    // The small one several times, so that both are long enough to be measured.
    const times = await inTurn(ROUNDS, {
      small: contender("small", TIMES),
      large: contender("large", 1),
    });
    // Ten small runs against one of ten times the events: 1 is the exponent 1.
    const exponents = times.large.map((t, i) => 1 + Math.log10(t.cpuS / times.small[i]!.cpuS));
    const state = Math.log10(blocks.large / blocks.small);
    const rows = { small: await rowsIn(last.small), large: await rowsIn(last.large) };
    say(`${rows.small} rows in views, ${rows.large} with ten times the events`);
    say(`${blocks.small} bytes of state, ${blocks.large} with ten times the events`);
    const [small, large] = [medians(times.small).cpuS / TIMES, medians(times.large).cpuS];
    return [
      goalFigure(
        "growth",
        "G1-CPU",
        { ours: exponents[exponents.length >> 1]!, runs: exponents },
        `${small.toFixed(2)} s and ${large.toFixed(2)} s`,
      ),
      goalFigure("growth", "G1-state", taken(state)),
      goalFigure("growth", "G1-views", taken(Math.log10(rows.large / rows.small))),
      await batchGrowth(folder, say),
    ];
  });

/**
 * Records of every key that the workloads have, and of every doubt that there may be of it: events whose ids nothing knows,
 * their copies once they have left the ring of recent ids, and events of the day before that are older than the filters reach.
 */
function* everyKey(): Generator<Uint8Array> {
  const keys = makeKeys(USERS);
  yield* ownRecords(keys);
  yield* ownRecords(keys);
  yield* ownRecords(makeKeys(USERS, START_MS + 1, 3));
}

/** Batches of a workload whose first record has the offset `first`. */
const behind = (first: number, w: Workload): RecordBatch[] =>
  batchesOf(ownRecords(w)).map((batch) => ({
    ...batch,
    to: batch.to + first,
    offsets: batch.offsets.map((offset) => offset + first),
  }));

/** A run that has worked up to `keysEnd`. */
async function openBehindKeys(
  path: string,
  batches: readonly RecordBatch[],
  keysEnd: number,
): Promise<SpeedRun> {
  const log = new HeldLog(batches);
  const run = await openSpeedRun(path, log, metrics);
  const end = batches.at(-1)?.to ?? 0;
  log.endAt(keysEnd);
  await run.work();
  log.endAt(end);
  return run;
}

const taken = (ours: number) => ({ ours, runs: [ours] });

/** Speed rows in the views of a run. */
async function rowsIn(folder: string): Promise<number> {
  const views = new SqliteViewStore(join(folder, "views.sqlite"));
  let rows = 0;
  const [from, until] = [(START_MS - YEAR_MS) as EpochMs, (START_MS + YEAR_MS) as EpochMs];
  for (const { fingerprint: fp } of metrics)
    for (const set of [0, 1])
      for (let t = 0; t < TENANTS; t++) {
        const asked = { dataset: DATASET, fp, tenant: `t${t}`, set, from, until };
        rows += (await views.readSpeed(asked)).length;
      }
  await views.close();
  return rows;
}

/** Bytes of all rows that the worker would write. */
function stateOf(run: SpeedRun): number {
  let bytes = 0;
  for (const { current } of run.workers)
    for (const row of current?.fold.rows() ?? []) bytes += row.state.length;
  return bytes;
}

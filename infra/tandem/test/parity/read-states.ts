// What the parity tests read of a stream's stores: speed states frozen at a cut, their rebuilt images, and a batch run's
// values.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  cutOffsets,
  DAY_MS,
  decodeBlock,
  type EpochMs,
  formatDecimal,
  GRAIN_MS,
  HOUR_MS,
  ManifestIndex,
  type Metric,
  SURE,
  type ViewStore,
} from "@tandem/shared-logic";
import { DATASET, type liveStream, PARTITIONS } from "./live-stream.ts";

export const START = Date.UTC(2026, 2, 2) as EpochMs;
type Stream = Awaited<ReturnType<typeof liveStream>>;

/** Cell -> hex bytes of the sure state below V, and the cells that hold doubt. */
async function speedCells(views: ViewStore, metric: Metric, v: readonly number[]) {
  const states = new Map<string, unknown>();
  const doubtful = new Set<string>();
  const { approx, grains } = metric.reducer;
  const cellMs = GRAIN_MS[grains[0] ?? "hour"];
  const range = { from: (START - 5 * DAY_MS) as EpochMs, until: (START + 10 * DAY_MS) as EpochMs };
  for (let set = 0; set < metric.sets.length; set++) {
    const query = { dataset: DATASET, fp: metric.fingerprint, tenant: "shop", set, ...range };
    for (const row of await views.readSpeed(query)) {
      if (row.segment >= (v[row.partition] ?? 0)) continue;
      for (const c of decodeBlock(row.state)) {
        const key = `${metric.name}|shop|${set}|${row.group}|${row.startMs + c.cell * cellMs}`;
        if (row.doubt === SURE)
          states.set(key, approx.plus(states.get(key) ?? approx.zero, approx.decode(c.state)));
        else doubtful.add(key);
      }
    }
  }
  return {
    states,
    doubtful,
    encode: (state: unknown) => Buffer.from(approx.encode(state)).toString("hex"),
  };
}

/** Compares every sure cell below the cut with its image of the archive; of doubtful ones, how many there are. */
export async function compareCells(
  stream: Stream,
  dir: string,
  seq: number,
  metrics: readonly Metric[],
  which = "",
): Promise<{ readonly compared: number; readonly excluded: number }> {
  const genesis = Array.from({ length: PARTITIONS }, () => 0);
  const index = new ManifestIndex(stream.objects, DATASET, genesis);
  await index.poll();
  const v = cutOffsets(index.entries, seq);
  assert.ok(v);
  const rebuild = fileURLToPath(new URL("./rebuild.ts", import.meta.url));
  const place = [join(dir, "objects"), DATASET, `${seq}`, `${PARTITIONS}`, which];
  const child = spawnSync(process.execPath, [rebuild, ...place], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  assert.equal(child.status, 0, child.stderr);
  const rebuilt = new Map(Object.entries(JSON.parse(child.stdout) as Record<string, string>));
  let [compared, excluded] = [0, 0];
  for (const metric of metrics) {
    const { states, doubtful, encode } = await speedCells(stream.views, metric, v);
    const prefix = `${metric.name}|`;
    const own = [...rebuilt.keys()].filter((k) => k.startsWith(prefix));
    for (const key of new Set([...own, ...states.keys()])) {
      if (doubtful.has(key)) {
        excluded++;
        continue;
      }
      const state = states.get(key);
      assert.equal(state === undefined ? undefined : encode(state), rebuilt.get(key), key);
      compared++;
    }
  }
  return { compared, excluded };
}

export async function runBatch(stream: Stream) {
  let running = true;
  const pump = (async () => {
    while (running) {
      await stream.settle();
      await stream.clock.advance(20);
    }
  })();
  try {
    return await stream.batch.run({ includeOpen: true });
  } finally {
    running = false;
    await pump;
  }
}

/** Exact values of a run by (grain, start, group): stored ones, or presented from additive states. */
export async function valuesOf(
  views: ViewStore,
  metric: Metric,
  run: string,
  set: number,
  dayMs: number,
) {
  const { approx, grains, additive } = metric.reducer;
  const values = new Map<string, string | null>();
  const query = {
    run,
    tenant: "shop",
    set,
    from: dayMs as EpochMs,
    until: (dayMs + DAY_MS) as EpochMs,
  };
  if (!additive) {
    for (const grain of grains) {
      for (const row of await views.readRun({ ...query, grain })) {
        if (row.value === undefined) continue;
        values.set(
          JSON.stringify({ grainMs: GRAIN_MS[grain], startMs: row.startMs, group: row.group }),
          row.value,
        );
      }
    }
    return values;
  }
  for (const row of await views.readRun({ ...query, grain: "minute" })) {
    let state = approx.zero as unknown;
    for (const c of decodeBlock(row.state)) state = approx.plus(state, approx.decode(c.state));
    const window = { from: row.startMs, until: (row.startMs + HOUR_MS) as EpochMs };
    const { value } = approx.present(state, { window, events: row.events });
    values.set(
      JSON.stringify({ grainMs: HOUR_MS, startMs: row.startMs, group: row.group }),
      value === null ? null : formatDecimal(value),
    );
  }
  return values;
}

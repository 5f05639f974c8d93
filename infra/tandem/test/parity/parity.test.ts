// Speed and batch compute the same thing: frozen at a cut, the approximate image of what batch rebuilds
// from the archive in a fresh process equals the speed state byte for byte; and batch equals a plain recount.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeCut } from "@tandem/batch-layer";
import {
  catalogue,
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
  seededRandom,
  type ViewStore,
} from "@tandem/shared-logic";
import { sumOfCounters } from "@tandem/speed-layer";
import { appDeliveries } from "../../src/simulator/app-users.ts";
import { DATASET, inBatches, liveStream, PARTITIONS } from "./live-stream.ts";
import { firstCopies, plainSessions, plainValue } from "./plain-oracle.ts";

const START = Date.UTC(2026, 2, 2) as EpochMs;
const DAYS = 3;
const folder = mkdtempSync(join(tmpdir(), "tandem-parity-"));
after(() => rmSync(folder, { recursive: true, force: true }));

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

for (const seed of [11, 12]) {
  test(`speed is the image of batch, and batch is the truth (seed ${seed})`, async (t) => {
    const random = seededRandom(seed);
    const dir = join(folder, String(seed));
    const deliveries = appDeliveries({ seed, users: 150, from: START, days: DAYS });
    const copies = deliveries.filter((d) => d.copy).length / deliveries.length;
    assert.ok(copies >= 0.02, `only ${copies} copies`);
    const stream = await liveStream(dir, random, START);
    for (const part of inBatches(deliveries, random)) await stream.send(part);
    const seq = await makeCut(stream.ports, DATASET, {});
    await stream.settle();

    await t.test("frozen at a cut, byte for byte", async () => {
      const index = new ManifestIndex(
        stream.objects,
        DATASET,
        Array.from({ length: PARTITIONS }, () => 0),
      );
      await index.poll();
      const v = cutOffsets(index.entries, seq ?? 0);
      assert.ok(v);
      const child = spawnSync(
        process.execPath,
        [
          fileURLToPath(new URL("./rebuild.ts", import.meta.url)),
          join(dir, "objects"),
          DATASET,
          String(seq),
          String(PARTITIONS),
        ],
        { encoding: "utf8", maxBuffer: 1 << 28 },
      );
      assert.equal(child.status, 0, child.stderr);
      const rebuilt = new Map(Object.entries(JSON.parse(child.stdout) as Record<string, string>));
      let [compared, excluded] = [0, 0];
      for (const metric of catalogue) {
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
      const share = compared / (compared + excluded);
      t.diagnostic(
        `${compared} cells equal byte for byte, ${excluded} with doubt left out (${((1 - share) * 100).toFixed(1)} %)`,
      );
      assert.ok(share >= 0.95, `only ${share} of the cells could be compared`);
    });

    await t.test("every record is accounted for", () => {
      for (const w of stream.workers) {
        assert.ok(w.current);
        assert.equal(sumOfCounters(w.current.counters), w.current.offset);
      }
      const c = stream.counters;
      assert.equal(c.sent, c.accepted + c.retry + c.rejected);
    });

    await t.test("batch equals a plain recount for every metric", async () => {
      const outcome = await runBatch(stream);
      const events = (
        await Promise.all([...Array(PARTITIONS).keys()].map((p) => stream.records(p)))
      ).flatMap((b) => firstCopies(b));
      const sessions = plainSessions(events);
      let checked = 0;
      for (const { fingerprint, run, day } of outcome.sealed) {
        const metric = catalogue.find((m) => m.fingerprint === fingerprint);
        assert.ok(metric);
        for (const [set, dims] of metric.sets.entries()) {
          const values = await valuesOf(stream.views, metric, run, set, day * DAY_MS);
          for (const [key, value] of values) {
            const { grainMs, startMs, group } = JSON.parse(key) as {
              grainMs: number;
              startMs: number;
              group: string;
            };
            const [dim] = dims;
            const [of] = JSON.parse(group) as (string | null)[];
            const truth = plainValue(
              metric.name,
              events,
              sessions,
              startMs,
              startMs + grainMs,
              dim,
              of,
            );
            assert.equal(value, truth, `${metric.name} ${key}`);
            checked++;
          }
        }
      }
      t.diagnostic(`${checked} values of ${outcome.sealed.length} runs equal the plain recount`);
      assert.ok(checked > 3000);
    });
    await stream.close();
  });
}

async function runBatch(stream: Awaited<ReturnType<typeof liveStream>>) {
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
async function valuesOf(views: ViewStore, metric: Metric, run: string, set: number, dayMs: number) {
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

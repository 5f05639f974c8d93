// The ready metrics, as the default ones in parity.test.ts: speed states frozen at a cut are the image of what batch
// rebuilds, byte for byte, and batch's values are those of the exact algebra over a plain reading of the log.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { makeCut } from "@tandem/batch-layer";
import {
  DAY_MS,
  dayStart,
  formatDecimal,
  readyMetrics,
  seededRandom,
  type UtcDay,
} from "@tandem/shared-logic";
import { exampleAnswers } from "@tandem/shared-logic/testing";
import { appDeliveries } from "../../src/simulator/app-users.ts";
import { DATASET, inBatches, liveStream, PARTITIONS } from "./live-stream.ts";
import { plainEvents } from "./plain-oracle.ts";
import { compareCells, runBatch, START, valuesOf } from "./read-states.ts";

/** Those that look back for a month are the same shapes over the same states as the one that does for a week. */
const METRICS = readyMetrics.filter((m) => m.reducer.reach.beforeMs < 8 * DAY_MS);
const folder = mkdtempSync(join(tmpdir(), "tandem-ready-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const windowOfDay = (day: number) => ({
  from: dayStart(day as UtcDay),
  until: dayStart((day + 1) as UtcDay),
});

test("ready metrics: speed is the image of batch, and batch is the truth", async (t) => {
  const random = seededRandom(21);
  const deliveries = appDeliveries({ seed: 21, users: 12, from: START, days: 1 });
  const stream = await liveStream(folder, random, START, METRICS);
  for (const part of inBatches(deliveries, random)) await stream.send(part);
  const seq = await makeCut(stream.ports, DATASET, {});
  await stream.settle();
  const { compared, excluded } = await compareCells(stream, folder, seq ?? 0, METRICS, "ready");
  t.diagnostic(`${compared} cells equal byte for byte, ${excluded} with doubt left out`);
  assert.ok(compared / (compared + excluded) > 0.9);

  const outcome = await runBatch(stream);
  const batches = await Promise.all([...Array(PARTITIONS).keys()].map((p) => stream.records(p)));
  const every = batches.flatMap((b) => plainEvents(b));
  const checked = new Map<string, number>();
  for (const { fingerprint, run, day } of outcome.sealed) {
    const metric = METRICS.find((m) => m.fingerprint === fingerprint);
    assert.ok(metric);
    const none = metric.reducer.exact.present(metric.reducer.exact.zero, {
      window: windowOfDay(day),
      events: 0,
    });
    const nothing = none.value && formatDecimal(none.value);
    const copies = metric.name === "duplicate_rate";
    const events = every.filter((e) => copies || !e.copy).map((e) => e.event);
    for (const [set, dims] of metric.sets.entries()) {
      const values = await valuesOf(stream.views, metric, run, set, day * DAY_MS);
      const windows = Map.groupBy(values, ([key]) => {
        const { grainMs, startMs } = JSON.parse(key) as { grainMs: number; startMs: number };
        return JSON.stringify({ grainMs, startMs });
      });
      // A few of the windows: each is counted anew.
      for (const [place, stored] of [...windows].filter((_, i) => i % 9 === 0)) {
        const { grainMs, startMs } = JSON.parse(place) as { grainMs: number; startMs: number };
        const [from, until] = [startMs, startMs + grainMs].map((ms) => new Date(ms).toISOString());
        const window = { from: from ?? "", until: until ?? "" };
        const answers = exampleAnswers(metric, { title: "", value: null, events, window }, dims);
        for (const [key, value] of stored) {
          const { group } = JSON.parse(key) as { group: string };
          // Nothing in window and reach gives no groups, and then each shows nothing.
          const truth = answers.size === 0 ? nothing : (answers.get(group) ?? null);
          assert.equal(value, truth, `${metric.name} ${key}`);
          checked.set(metric.name, (checked.get(metric.name) ?? 0) + 1);
        }
      }
    }
  }
  t.diagnostic(JSON.stringify(Object.fromEntries(checked)));
  await stream.close();
});

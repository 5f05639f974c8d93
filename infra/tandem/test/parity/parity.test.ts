// Speed and batch compute the same thing: frozen at a cut, the approximate image of what batch rebuilds
// from the archive in a fresh process equals the speed state byte for byte; and batch equals a plain recount.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { makeCut } from "@tandem/batch-layer";
import { catalogue, DAY_MS, seededRandom } from "@tandem/shared-logic";
import { sumOfCounters } from "@tandem/speed-layer";
import { appDeliveries } from "../../src/simulator/app-users.ts";
import { DATASET, inBatches, liveStream, PARTITIONS } from "./live-stream.ts";
import { firstCopies, plainSessions, plainValue } from "./plain-oracle.ts";
import { compareCells, runBatch, START, valuesOf } from "./read-states.ts";

const DAYS = 3;
const folder = mkdtempSync(join(tmpdir(), "tandem-parity-"));
after(() => rmSync(folder, { recursive: true, force: true }));

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
      const { compared, excluded } = await compareCells(stream, dir, seq ?? 0, catalogue);
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

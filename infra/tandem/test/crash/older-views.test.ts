// An older copy of the view store put back under a newer log, archive and checkpoints: the next opening
// folds again what the copy lacks, and a batch run repairs the ledger from the manifest, whether the
// archive had reached the cuts that the copy has forgotten or not.
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { dropSegments, makeCut } from "@tandem/batch-layer";
import { COLLECTOR_LIMITS, collectorCounters, createAcceptor } from "@tandem/ingest";
import {
  type CutRow,
  cutKey,
  dayOf,
  type EpochMs,
  formatInstant,
  HOUR_MS,
  windowStart,
} from "@tandem/shared-logic";
import type { Tandem } from "../../src/tandem.ts";
import { crashEvent } from "./crash-events.ts";
import { TENANT } from "./crash-options.ts";
import { compareAll, compareSpeed, openDirectory, plainEvents } from "./verify-directory.ts";

const folder = mkdtempSync(join(tmpdir(), "tandem-older-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const baseMs = Date.now() - 19 * HOUR_MS;

async function accept(tandem: Tandem, life: number, count: number): Promise<void> {
  const options = { limits: COLLECTOR_LIMITS, counters: collectorCounters() };
  const acceptor = createAcceptor({ ...tandem.ports, dataset: "events", ...options });
  const lines = Array.from({ length: count }, (_, n) =>
    JSON.stringify(crashEvent(baseMs, life, n)),
  );
  await acceptor.accept({ body: Buffer.from(lines.join("\n")), tenant: TENANT, mode: "live" });
}

const metricFile = (name: string, type: string): string => `
import { count, eventType, metric } from "@tandem/shared-logic";
export const ${name} = metric({
  name: "${name}", title: "${name}", unit: "events", version: 1,
  where: eventType("${type}"), reducer: count(), examples: [],
});
`;

const cutRow = async (tandem: Tandem): Promise<CutRow> =>
  JSON.parse((await tandem.ports.views.ledger(cutKey("events")))?.value ?? "{}") as CutRow;

for (const archived of [true, false]) {
  test(`an older view store, the forgotten cut ${archived ? "in" : "not yet in"} the archive`, async () => {
    const dir = join(folder, String(archived));
    const metrics = join(dir, "metrics");
    mkdirSync(metrics, { recursive: true });
    const open = (): ReturnType<typeof openDirectory> =>
      openDirectory(join(dir, "data"), undefined, [metrics]);

    let { tandem, close } = await open();
    await accept(tandem, 0, 300);
    await tandem.runBatch({ includeOpen: true });
    await close();
    copyViews(join(dir, "data"), join(dir, "copy"));

    // After the copy: a metric is added, another day's worth arrives, segments are dropped.
    writeFileSync(join(metrics, "clicks.ts"), metricFile("clicks", "click"));
    ({ tandem, close } = await open());
    await accept(tandem, 1, 200);
    if (archived) {
      await tandem.runBatch({ includeOpen: true });
      for (const m of tandem.metrics)
        for (const at of [baseMs, baseMs + 24 * HOUR_MS])
          await dropSegments(tandem.ports.views, "events", m, dayOf(at as EpochMs));
    } else {
      const clicks = tandem.metrics.find((m) => m.name === "clicks");
      const activates = clicks ? [clicks.fingerprint] : [];
      assert.ok(await makeCut(tandem.ports, "events", { activates }));
    }
    await accept(tandem, 2, 100);
    await tandem.catchUp();
    await close();
    copyViews(join(dir, "copy"), join(dir, "data"));

    // A further metric wants to be activated by the next cut: its seq must not be one that was used.
    writeFileSync(join(metrics, "errors.ts"), metricFile("errors", "error"));
    ({ tandem, close } = await open());
    await tandem.catchUp();
    await accept(tandem, 3, 50);
    await tandem.runBatch({ includeOpen: true });
    const own = tandem.metrics.filter((m) => m.name === "clicks" || m.name === "errors");
    const { activatedAt } = await cutRow(tandem);
    const seqs = own.map((m) => activatedAt[m.fingerprint] ?? 0);
    assert.ok(Math.min(...seqs) > 0 && seqs[0] !== seqs[1], `activated at ${seqs}`);
    for (const m of own)
      for (const at of await tandem.ports.views.starts("events", m.fingerprint, 2))
        assert.ok(at !== undefined, `${m.name} is not folded`);
    const events = await plainEvents(tandem);
    const times = events.map((e) => e.timeMs);
    for (const [name, type] of [
      ["clicks", "click"],
      ["errors", "error"],
    ] as const) {
      const params = {
        from: formatInstant(windowStart(Math.min(...times) as EpochMs, "day")),
        until: formatInstant(windowStart((Math.max(...times) + HOUR_MS) as EpochMs, "hour")),
        grain: "total",
      };
      const result = await tandem.queries.query(params, name, TENANT);
      assert.ok(result.ok);
      assert.deepEqual(
        result.answer.points.map((p) => p.value),
        [events.filter((e) => e.type === type).length],
        `${name}: ${JSON.stringify(result.answer.missing)}`,
      );
    }
    await compareAll(tandem, new Set(), (m) => !own.includes(m));
    await compareSpeed(tandem);
    await close();
  });
}

/** Of a closed store. */
function copyViews(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const file of ["views.sqlite", "views.sqlite-wal", "views.sqlite-shm"]) {
    rmSync(join(to, file), { force: true });
    if (file !== "views.sqlite-shm" && existsSync(join(from, file)))
      cpSync(join(from, file), join(to, file));
  }
}

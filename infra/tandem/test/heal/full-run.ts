// What a run must be: the same days computed from the archive alone, with no kept state to go on from.
import assert from "node:assert/strict";
import { MemoryObjectStore, MemoryViewStore } from "@tandem/adapters/memory";
import { inlineTasks, type ReachedCut, sealDay } from "@tandem/batch-layer";
import type { Metric, UtcDay } from "@tandem/shared-logic";
import { DATASET, type Stage } from "../stories/stage.ts";

/** Asserts that the ledger's runs of `day`, their rows and partial states, are those of a full run at `cut`. */
export async function assertFull(
  stage: Stage,
  cut: ReachedCut,
  day: UtcDay,
  metrics: readonly Metric[],
  runs: ReadonlyMap<string, string>,
): Promise<void> {
  const archive = await stage.batch.archive();
  const objects = new MemoryObjectStore();
  for await (const { key } of stage.ports.objects.list("archive/")) {
    const bytes = await stage.ports.objects.get(key);
    if (bytes) await objects.putIfAbsent(key, bytes);
  }
  const unitPorts = { ...stage.unitPorts, objects };
  const tasks = inlineTasks(unitPorts, (fp) => metrics.find((m) => m.fingerprint === fp));
  const views = new MemoryViewStore();
  const full = await sealDay({ ...unitPorts, views, tasks }, DATASET, archive, cut, day, metrics);
  for (const { fingerprint, run } of full) {
    assert.equal(runs.get(fingerprint), run, fingerprint);
    assert.deepEqual(await stage.ports.views.readBack(run), await views.readBack(run), fingerprint);
  }
  for await (const { key } of objects.list("states/")) {
    const [kept, fresh] = [await stage.ports.objects.get(key), await objects.get(key)];
    assert.ok(kept && fresh && Buffer.compare(kept, fresh) === 0, `${key} differs`);
  }
}

// Computes a run again from the archive at its own V, under its own id, and writes its rows anew. Nothing is
// published: the ledger names the run already. False where the archive of today gives another run.
import { type DayRow, dayKey, EMPTY_DAY, runObjectKey, TandemError } from "@tandem/shared-logic";
import { readRunObject } from "../heal/last-run.ts";
import { readLedger } from "../ledger.ts";
import type { Archive } from "../plan.ts";
import { partialKey, runId } from "../run-id.ts";
import { runUnits, type SealPorts, writeRun } from "../seal.ts";
import { inputsOf } from "../unit.ts";
import type { CheckedRun } from "./check-run.ts";

export async function repairRun(
  ports: SealPorts,
  dataset: string,
  archive: Archive,
  { day, ref, metric }: CheckedRun,
): Promise<boolean> {
  if (!metric) return false;
  const { run, v } = ref;
  const keys = archive.manifest.map((entries, p) => {
    const inputs = inputsOf(entries, v[p] ?? 0, [metric], day);
    return partialKey(ports.sha256, dataset, metric.fingerprint, day, p, inputs);
  });
  if (runId(ports.sha256, dataset, metric.fingerprint, day, v, keys) !== run) return false;
  // All of it is made anew, from the archive alone, whatever states and other runs say.
  const listed = (await readRunObject(ports, dataset, run))?.partials ?? [];
  for (const key of new Set([...keys, ...listed])) await ports.objects.remove(key);
  await ports.objects.remove(runObjectKey(dataset, run));
  const row = (await readLedger<DayRow>(ports.views, dayKey(dataset, day))).value ?? EMPTY_DAY;
  const cut = { seq: 0, v };
  const { partials } = await runUnits(ports, dataset, archive, cut, day, [metric], row);
  const own = partials.get(metric.fingerprint) ?? [];
  const write = async (): Promise<boolean> =>
    (await writeRun(ports, dataset, cut, day, metric, own, EMPTY_DAY)).run === run;
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof TandemError && error.code === "run_damaged")) throw error;
    // There are rows that should not be: only then readers see none for a moment.
    await ports.views.removeRun(run);
    return write();
  }
}

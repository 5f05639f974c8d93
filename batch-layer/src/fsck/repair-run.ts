// Computes a run again from the archive at its own V, under its own id, and writes its rows anew. Nothing is
// published: the ledger names the run already. Where the archive of today gives another run its kept states make
// the rows; false where they do not either.
import {
  type DayRow,
  dayKey,
  EMPTY_DAY,
  RunChecksum,
  runObjectKey,
  TandemError,
} from "@tandem/shared-logic";
import { readRunObject } from "../heal/last-run.ts";
import { readLedger } from "../ledger.ts";
import type { Archive } from "../plan.ts";
import { partialKey, runId } from "../run-id.ts";
import { runUnits, type SealPorts, writeRows, writeRun } from "../seal.ts";
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
  // Rolled up, or of an archive that retention has given up: its own states make it.
  if (runId(ports.sha256, dataset, metric.fingerprint, day, v, keys) !== run)
    return rowsFromStates(ports, dataset, { day, ref, metric });
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

/** Writes what the kept states make, if that is what was written once. */
async function rowsFromStates(
  ports: SealPorts,
  dataset: string,
  { day, ref: { run }, metric }: CheckedRun,
): Promise<boolean> {
  const object = await readRunObject(ports, dataset, run);
  if (!metric || !object) return false;
  const { fingerprint } = metric;
  try {
    const { partials, sum } = object;
    const rows = await ports.tasks({ task: "merge-day", fingerprint, day, partials });
    const made = new RunChecksum();
    for (const row of rows) made.add(row);
    if (made.done().checksum !== sum.checksum) return false;
    await ports.views.removeRun(run);
    await writeRows(ports.views, run, rows, sum);
    return true;
  } catch (error) {
    if (error instanceof TandemError && !error.retryable) return false;
    throw error;
  }
}

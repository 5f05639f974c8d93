// Makes a cut, or finishes one that was begun: its ledger row is the intent, durable before the first
// append. Appending a cut twice is harmless: it counts where it is first read.
import {
  type Cut,
  type CutRow,
  cutKey,
  type DatasetSettings,
  type EventLog,
  encodeCut,
  type Fingerprint,
  TandemError,
  type ViewStore,
} from "@tandem/shared-logic";
import { casLedger, readLedger } from "./ledger.ts";

export interface CutChange {
  readonly activates?: readonly Fingerprint[];
  readonly retires?: readonly Fingerprint[];
  readonly settings?: DatasetSettings;
}

export interface CutPorts {
  readonly log: EventLog;
  readonly views: ViewStore;
}

const NO_KEY = new Uint8Array(0);

/**
 * The seq of a finished cut that carries `change` (an unfinished one is finished first), or undefined
 * where another planner was faster: read the ledger and decide again.
 * `highestSeq`: of the archive's manifests; a ledger behind it (an older copy was put back) skips ahead.
 */
export async function makeCut(
  ports: CutPorts,
  dataset: string,
  change: CutChange,
  highestSeq = 0,
): Promise<number | undefined> {
  let seen = await readLedger<CutRow>(ports.views, cutKey(dataset));
  if (!seen.value)
    throw new TandemError("configuration", { message: `dataset ${dataset} was not created` });
  if (!seen.value.done) {
    await finish(ports, dataset, seen.value);
    const done = { ...seen.value, done: true };
    await casLedger(ports.views, cutKey(dataset), seen, done);
    // It may lie far back where it was appended before: what the caller asked for is a cut from now on.
    seen = await readLedger<CutRow>(ports.views, cutKey(dataset));
    if (!seen.value?.done) return undefined;
  }
  const row = next(seen.value, change, highestSeq);
  if (!(await casLedger(ports.views, cutKey(dataset), seen, row))) return undefined;
  await finish(ports, dataset, row);
  const began = await readLedger<CutRow>(ports.views, cutKey(dataset));
  if (began.value?.seq === row.seq)
    await casLedger(ports.views, cutKey(dataset), began, { ...row, done: true });
  return row.seq;
}

function next(row: CutRow, change: CutChange, highestSeq: number): CutRow {
  const seq = Math.max(row.seq, highestSeq) + 1;
  const activates = (change.activates ?? []).filter(
    (fp) => row.activatedAt[fp] === undefined || row.retired.includes(fp),
  );
  const retires = (change.retires ?? []).filter(
    (fp) => row.activatedAt[fp] !== undefined && !row.retired.includes(fp),
  );
  const activatedAt = { ...row.activatedAt };
  for (const fp of activates) activatedAt[fp] = seq;
  const retired = [...row.retired.filter((fp) => !activates.includes(fp)), ...retires];
  return {
    seq,
    activates,
    retires,
    activatedAt,
    retired,
    done: false,
    ...(change.settings ? { settings: change.settings } : {}),
  };
}

async function finish(ports: CutPorts, dataset: string, row: CutRow): Promise<void> {
  const cut: Cut = {
    seq: row.seq,
    activates: row.activates,
    retires: row.retires,
    ...(row.settings ? { settings: row.settings } : {}),
  };
  const value = encodeCut(cut);
  const partitions = await ports.log.partitions(dataset);
  for (let partition = 0; partition < partitions; partition++) {
    const [result] = await ports.log.append(dataset, [{ partition, key: NO_KEY, value }]);
    if (!result?.ok) {
      throw new TandemError("log_unavailable", {
        message: `cut ${row.seq} of ${dataset} could not be appended to partition ${partition}; it will be finished before the next`,
        details: { dataset, partition, seq: row.seq },
        cause: result?.error,
      });
    }
  }
}

// Are the stored rows of a run those that its partial states make? They are merged again and compared by count
// and checksum; nothing that was noted when the run was written is believed.
import {
  type Finding,
  type ManifestEntry,
  type Metric,
  RunChecksum,
  type RunRef,
  TandemError,
  type UtcDay,
} from "@tandem/shared-logic";
import { readRunObject } from "../heal/last-run.ts";
import type { SealPorts } from "../seal.ts";

export interface CheckedRun {
  readonly day: UtcDay;
  readonly ref: RunRef;
  /** Undefined: no folder has its file. */
  readonly metric: Metric | undefined;
}

export async function checkRun(
  ports: Pick<SealPorts, "views" | "objects" | "tasks">,
  dataset: string,
  { day, ref, metric }: CheckedRun,
): Promise<Finding | undefined> {
  const here = { at: ref.run, day };
  const stored = await ports.views.readBack(ref.run);
  if (!metric) return { kind: "run_unknown", says: `${stored.count} rows`, ...here };
  const object = await readRunObject(ports, dataset, ref.run);
  if (!object) return { kind: "run_parts", says: "the run's object is not there", ...here };
  let rows: Awaited<ReturnType<SealPorts["tasks"]>>;
  try {
    const { fingerprint } = metric;
    rows = await ports.tasks({ task: "merge-day", fingerprint, day, partials: object.partials });
  } catch (error) {
    if (!isBrokenPart(error)) throw error;
    const name = error instanceof TandemError ? String(error.details["object"] ?? error.code) : "";
    return { kind: "run_parts", says: `a partial state is gone or unreadable: ${name}`, ...here };
  }
  const sum = new RunChecksum();
  for (const row of rows) sum.add(row);
  const { count, checksum } = sum.done();
  if (count === stored.count && checksum === stored.checksum) return undefined;
  const says =
    count === stored.count
      ? `${count} rows, of which some hold something else`
      : `${stored.count} rows are stored, ${count} were computed`;
  return { kind: "run_rows", says, ...here };
}

/** Damaged bytes may say so in any way; a store that does not answer is no damage. */
const isBrokenPart = (error: unknown): boolean =>
  error instanceof RangeError ||
  (error instanceof TandemError && !error.retryable && error.code !== "cancelled");

/** Pure: V must be places where archive objects end, at or below the archive's end. */
export function checkOffsets(
  { day, ref }: CheckedRun,
  manifest: readonly (readonly ManifestEntry[])[],
  genesis: readonly number[],
): Finding | undefined {
  const off = ref.v.findIndex(
    (to, p) => to !== genesis[p] && !manifest[p]?.some((e) => e.to === to),
  );
  if (off < 0) return undefined;
  const says = `no archive object of partition ${off} ends at offset ${ref.v[off]}`;
  return { kind: "run_offsets", at: ref.run, day, partition: off, says };
}

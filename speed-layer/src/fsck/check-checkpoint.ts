// Do the checkpoint of a partition and its position fit the log? Pure, but for reading the checkpoint itself.
import {
  type CheckpointStore,
  type Finding,
  type OffsetRange,
  type Position,
  TandemError,
} from "@tandem/shared-logic";
import { Checkpoints, checkpointParts } from "../checkpoint.ts";

export interface CheckpointFacts {
  readonly partition: number;
  readonly log: OffsetRange | undefined;
  readonly position: Position | undefined;
  /** Undefined: there is none. */
  readonly offset: number | undefined;
  /** Why it cannot be read. */
  readonly unreadable: string | undefined;
}

export function checkpointFindings(dataset: string, facts: CheckpointFacts): Finding[] {
  const { partition, log, position, offset, unreadable } = facts;
  const at = `speed/${dataset}/${partition}/head`;
  const findings: Finding[] = [];
  if (unreadable !== undefined)
    findings.push({ kind: "checkpoint_unreadable", at, partition, says: unreadable });
  const [start, end] = [log?.start ?? 0, log?.end ?? 0];
  if (offset !== undefined && (offset > end || offset < start)) {
    const says = `the checkpoint stands at offset ${offset}, the log of partition ${partition} holds ${start} to ${end}`;
    findings.push({ kind: "checkpoint_outside_log", at, partition, from: offset, says });
  }
  if ((position?.to ?? 0) > end) {
    const says = `the views show partition ${partition} up to offset ${position?.to}, the log ends at ${end}`;
    findings.push({ kind: "position_beyond_log", at, partition, from: end, says });
  }
  return findings;
}

/** What the store holds, with every part that the head names. */
export async function readCheckpoint(
  store: CheckpointStore,
  dataset: string,
  partition: number,
): Promise<Pick<CheckpointFacts, "offset" | "unreadable">> {
  try {
    const head = await new Checkpoints(store, dataset, partition, "fsck").head();
    if (!head) return { offset: undefined, unreadable: undefined };
    const parts = checkpointParts(head);
    const gone = [];
    for (const part of parts) if ((await store.get(part)) === undefined) gone.push(part);
    const unreadable =
      gone.length > 0 ? `it names parts that are gone: ${gone.join(", ")}` : undefined;
    return { offset: head.offset, unreadable };
  } catch (error) {
    if (error instanceof TandemError && error.retryable) throw error;
    if (!(error instanceof TandemError || error instanceof SyntaxError)) throw error;
    return { offset: undefined, unreadable: error.message };
  }
}

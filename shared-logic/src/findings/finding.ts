// What a check of stored data found: one kind from one closed table, the thing it is about, and words for people.
// docs/fsck.md mirrors the table.
import type { UtcDay } from "../time/epoch-ms.ts";

interface KindFacts {
  readonly damage: boolean;
  readonly means: string;
}

export const FINDINGS = {
  object_missing: damage("The manifest lists an object that is not there."),
  object_damaged: damage("An object's SHA-256 or length is not the one of its manifest entry."),
  entry_damaged: damage("A manifest entry cannot be understood, or does not fit its name."),
  entry_recount: damage("A manifest entry counts something else than its object holds (--deep)."),
  range_missing: damage("No manifest entry covers these offsets."),
  range_twice: damage("Two manifest entries cover the same offsets."),
  range_not_archived: damage("The log gave these offsets up before they were archived."),
  range_lost: note("These offsets are lost; answers say so."),
  range_expired: note("Retention gave these offsets up; the runs of their days stay."),
  object_unlisted: note("No manifest entry names this object. Nothing reads it."),
  run_rows: damage("The stored rows of a run are not those of its partial states."),
  run_parts: damage("A run's object or one of its partial states is gone or unreadable."),
  run_offsets: damage("A run's offsets are no place where archive objects end."),
  run_unknown: note("The metric's file is not here: the run's rows were counted, not compared."),
  span_rows: damage("The stored rows of a week or month are not those of its days' states."),
  span_stale: note(
    "A week or month is not of its days' runs of now: nobody reads it until it is rebuilt.",
  ),
  span_unchecked: note(
    "A state that a week or month is made of is gone: it could not be compared.",
  ),
  checkpoint_unreadable: damage("A speed checkpoint cannot be read, or a part of it is gone."),
  checkpoint_outside_log: damage("A speed checkpoint stands where the log has no records."),
  position_beyond_log: damage("The views show more of a partition than its log ever had."),
} as const satisfies Readonly<Record<string, KindFacts>>;

function damage(means: string): KindFacts {
  return { damage: true, means };
}
function note(means: string): KindFacts {
  return { damage: false, means };
}

export type FindingKind = keyof typeof FINDINGS;

export interface Finding {
  readonly kind: FindingKind;
  /** Key of the object, id of the run, or name of the checkpoint. */
  readonly at: string;
  readonly says: string;
  readonly partition?: number;
  /** Offsets, half-open. */
  readonly from?: number;
  readonly to?: number;
  readonly day?: UtcDay;
}

export const isDamage = ({ kind }: Finding): boolean => FINDINGS[kind].damage;

/** Work of which nobody knows how long it takes. */
export type Progress = (done: number, of: number, what: string) => void;

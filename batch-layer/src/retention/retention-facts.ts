// What a retention plan is made of: what the stores hold, and what of it is needed; and the actions it consists of.
import type {
  CutRow,
  DayRow,
  EpochMs,
  Fingerprint,
  Metric,
  RetentionRow,
  RolledGrain,
  RunObject,
  SpanRow,
  UtcDay,
} from "@tandem/shared-logic";
import type { Archive } from "../plan.ts";
import type { RetentionRules } from "./retention-rules.ts";

export interface StoredRun {
  readonly run: string;
  /** Of its object and of the partial states that are its own. */
  readonly sizeBytes: number;
  /** Undefined where no question needed it read. */
  readonly object?: RunObject;
}

export interface StoredState {
  readonly key: string;
  readonly sizeBytes: number;
}

export interface RetentionFacts {
  readonly now: EpochMs;
  readonly rules: RetentionRules;
  readonly metrics: readonly Metric[];
  readonly cutRow: CutRow;
  readonly days: ReadonlyMap<UtcDay, DayRow>;
  /** As `Batch.archive` gives it: what was given up says so. */
  readonly archive: Archive;
  /** Keys of archive objects that are there, at either place, and of samples. */
  readonly stored: ReadonlySet<string>;
  readonly row: RetentionRow;
  /** By day, every run that has an object. */
  readonly runs: ReadonlyMap<UtcDay, readonly StoredRun[]>;
  /** Partial states of days of which every run's object was read, as they are stored. */
  readonly states: ReadonlyMap<UtcDay, readonly StoredState[]>;
  /** Keys of kept heal plans. */
  readonly plans: readonly string[];
  readonly spans: ReadonlyMap<string, SpanRow>;
  /** By metric and day: what was dropped of the speed rows, by partition. */
  readonly dropped: ReadonlyMap<Fingerprint, ReadonlyMap<UtcDay, readonly number[]>>;
}

export interface ArchivedObject {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly object: string;
}

export type RetentionAction = { readonly reason: string; readonly sizeBytes: number } & (
  | { readonly do: "retire_run" | "drop_run"; readonly day: UtcDay; readonly run: string }
  | { readonly do: "trim_flips"; readonly day: UtcDay; readonly flips: number }
  | {
      readonly do: "roll_up";
      readonly day: UtcDay;
      readonly fp: Fingerprint;
      readonly run: string;
      readonly grain: RolledGrain;
    }
  | { readonly do: "drop_state"; readonly day: UtcDay; readonly key: string }
  | { readonly do: "drop_plan"; readonly key: string }
  | { readonly do: "drop_span_run"; readonly key: string; readonly run: string }
  | {
      readonly do: "drop_speed";
      readonly day: UtcDay;
      readonly fp: Fingerprint;
      readonly below: readonly number[];
    }
  | ({ readonly do: "move_object" | "drop_object" | "drop_sample" } & ArchivedObject)
  | ({
      readonly do: "downsample_object";
      readonly sha256: string;
      /** Where there is nothing to downsample in it. */
      readonly thenMove: boolean;
    } & ArchivedObject)
);

export type ActionName = RetentionAction["do"];

export interface RetentionPlan {
  readonly actions: readonly RetentionAction[];
  /** What `RetentionRow.noticed` is to be. */
  readonly noticed: Readonly<Record<string, EpochMs>>;
}

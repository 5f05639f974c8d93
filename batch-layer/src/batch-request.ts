// What a batch run is asked for, what it tells on the way, and how it ended.
import type { DatasetSettings, StopSignal, UtcDay } from "@tandem/shared-logic";
import type { ReachedCut } from "./plan.ts";
import type { SealResult } from "./seal.ts";
import type { SetAside } from "./set-aside-damage.ts";
import type { VisibleChange, VisibleOutcome } from "./versions/visible-rows.ts";

export interface BatchRequest {
  /** Half-open; absent: every day that needs it. */
  readonly from?: UtcDay;
  readonly until?: UtcDay;
  /** Also days that have not ended. */
  readonly includeOpen?: boolean;
  /** Only what has no run at all; late records are left to the heals. */
  readonly onlyUnsealed?: boolean;
  readonly settings?: DatasetSettings;
  /** Longest wait for the archive to reach the cut. Default 120,000. */
  readonly archiveMs?: number;
  readonly signal?: StopSignal;
  /** Told of each step, in words and numbers without personal data. */
  readonly progress?: (step: BatchProgress) => void;
}

export type BatchProgress =
  | { readonly step: "cut"; readonly seq: number; readonly activates: number }
  | { readonly step: "archived"; readonly seq: number }
  | { readonly step: "planned"; readonly days: number; readonly runs: number }
  | {
      readonly step: "sealed";
      readonly day: string;
      readonly done: number;
      readonly of: number;
      readonly runs: number;
    }
  | { readonly step: "set-aside"; readonly what: SetAside }
  | { readonly step: "spans"; readonly changed: number }
  | ({ readonly step: "visible" } & VisibleChange);

export interface BatchOutcome {
  readonly cut: ReachedCut;
  readonly planned: number;
  readonly sealed: readonly SealResult[];
  readonly spans: readonly string[];
  /** Whose objects are damaged: they show what they showed before. */
  readonly setAside: readonly SetAside[];
  readonly versions: VisibleOutcome;
}

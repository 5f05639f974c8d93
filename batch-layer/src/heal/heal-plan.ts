// A heal plan: what a rerun of one day would change, bound to what it was computed from. Its run id is a hash
// of all that decides it, so that planning twice is one plan; kept as an object, so that any process applies it.
import type {
  CutRow,
  DayEntry,
  Fingerprint,
  LostRange,
  ObjectStore,
  RunSum,
  UtcDay,
} from "@tandem/shared-logic";
import { formatDay, parseDay } from "@tandem/shared-logic";
import type { Incomplete } from "../lost-ranges.ts";
import type { Sha256 } from "../run-id.ts";
import type { Audit } from "./audit.ts";
import type { CellChange } from "./cells.ts";
import type { ReadCost } from "./unit-tasks.ts";

export interface ShadowRun {
  readonly run: string;
  /** What the view store must hold of it. */
  readonly sum: RunSum;
  readonly lost?: readonly LostRange[];
}

/** The archive below V in one partition. */
export interface BoundManifest {
  readonly partition: number;
  /** V. */
  readonly to: number;
  readonly objects: number;
  /** Of the ranges and SHA-256 of all of them. */
  readonly sha256: string;
}

/** What is kept of a plan: enough to apply it, and nothing that another planning would not find too. */
export interface KeptPlan {
  readonly dataset: string;
  readonly day: UtcDay;
  readonly cut: CutRow["seq"];
  readonly v: readonly number[];
  readonly manifests: readonly BoundManifest[];
  /** The entries seen; apply flips only what still has them. */
  readonly before: Readonly<Record<Fingerprint, Pick<DayEntry, "run" | "v"> | null>>;
  readonly runs: Readonly<Record<Fingerprint, ShadowRun>>;
  readonly audits: readonly Audit[];
}

export interface MetricChanges {
  readonly metric: string;
  readonly version: number;
  readonly fingerprint: Fingerprint;
  /** Why it has to run: late records, or its code. */
  readonly why: "late" | "new" | "edited" | "format";
  readonly changes: readonly CellChange[];
  /** Whole days, before and after, where they differ. */
  readonly totals: readonly CellChange[];
}

export interface HealPlan {
  /** Undefined where nothing would change. */
  readonly run: string | undefined;
  readonly kept: KeptPlan;
  readonly metrics: readonly MetricChanges[];
  /** Metrics whose run could not be made of all events of the day. */
  readonly incomplete: readonly Incomplete[];
  /** Set by a rollback: nothing is applied until the day is unpinned. */
  readonly pinned: boolean;
  readonly ok: boolean;
  readonly cost: ReadCost & { readonly cpuMs: number };
  /** Weeks and months that no longer count once it is applied, until they are rebuilt. */
  readonly stale: readonly string[];
}

const encoder = new TextEncoder();
const keyOf = (dataset: string, run: string): string => `heals/${dataset}/${run}.json`;

export const planId = (sha256: Sha256, plan: KeptPlan): string =>
  `heal-${formatDay(plan.day)}-${sha256(encoder.encode(JSON.stringify(plan))).slice(0, 32)}`;

export async function keepPlan(
  ports: { readonly objects: ObjectStore; readonly sha256: Sha256 },
  plan: KeptPlan,
): Promise<string> {
  const run = planId(ports.sha256, plan);
  await ports.objects.putIfAbsent(keyOf(plan.dataset, run), encoder.encode(JSON.stringify(plan)));
  return run;
}

export async function readPlan(
  { objects }: { readonly objects: Pick<ObjectStore, "get"> },
  dataset: string,
  run: string,
): Promise<KeptPlan | undefined> {
  const day = /^heal-(\d{4,}-\d{2}-\d{2})-[0-9a-f]{32}$/.exec(run)?.[1];
  if (day === undefined || parseDay(day) === undefined) return undefined;
  const bytes = await objects.get(keyOf(dataset, run));
  return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as KeptPlan);
}

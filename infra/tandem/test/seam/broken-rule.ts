// A rule of the seam that can be broken on purpose: what a port, a step or a reader does wrongly, planted
// between production code and the stores. The simulation must see each of them.
import type { ReachedCut } from "@tandem/batch-layer";
import type {
  CheckpointStore,
  CutRow,
  EventLog,
  Metric,
  ReadView,
  UtcDay,
  ViewStore,
} from "@tandem/shared-logic";
import type { Pause } from "./actor.ts";
import type { Watch } from "./watched-views.ts";

export type Role = "worker" | "archiver" | "planner" | "rollback" | "drop" | "reader";

/** Who uses a port. */
export interface Seen {
  readonly role: Role;
  readonly pause: Pause;
}

export interface Planted {
  /** Ports as one actor sees them, behind its turns. */
  readonly views?: (base: ViewStore, seen: Seen) => ViewStore;
  readonly log?: (base: EventLog, seen: Seen) => EventLog;
  readonly checkpoints?: (base: CheckpointStore, seen: Seen) => CheckpointStore;
  /** What the planner takes for the newest cut, its ledger row and a metric. */
  readonly cut?: (cut: ReachedCut) => ReachedCut;
  readonly cutRow?: (row: CutRow) => CutRow;
  readonly planned?: (metric: Metric) => Metric;
  readonly dropped?: (metric: Metric) => Metric;
  /** Instead of dropping by the rule. */
  readonly drop?: (views: ViewStore, metric: Metric, x: UtcDay) => Promise<void>;
  /** What a reader makes of what it read; undefined: it reads again. */
  readonly view?: (view: ReadView, views: ViewStore) => Promise<ReadView | undefined>;
  readonly power?: (r: number) => void;
}

/** What a rule may know of the world it is planted in. */
export interface Ground {
  readonly views: ViewStore;
  readonly watch: Watch;
}

export interface Rule {
  readonly name: string;
  plant(ground: Ground): Planted;
}

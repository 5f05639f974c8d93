// What made a metric's numbers of one day: its run and the archive objects and states in it, what came late
// since, the runs before it that are kept, and its last change. Pure, but for the run's object.
import {
  type DayFlip,
  type DayRow,
  type ManifestEntry,
  type Metric,
  PARTIAL_FORMAT,
  type RunRef,
  type UtcDay,
} from "@tandem/shared-logic";
import type { Archive } from "../plan.ts";
import { reachDays } from "../reach-days.ts";
import { inputsOf } from "../unit.ts";

export interface ExplainedObject {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly object: string;
  readonly sha256: string;
  /** Events of the day and of what its windows reach into. */
  readonly events: number;
  readonly received_ms: number | null;
}

export interface ExplainedDay {
  readonly day: UtcDay;
  readonly fingerprint: string;
  readonly format: number;
  readonly run: string | null;
  readonly v: readonly number[];
  readonly pinned: boolean;
  /** Objects below V. */
  readonly objects: readonly ExplainedObject[];
  /** Objects above V with records of the day: the next heal takes them in. */
  readonly late: readonly ExplainedObject[];
  /** Runs that may be chosen, the current one among them. */
  readonly kept: readonly RunRef[];
  /** Of this metric, oldest first. */
  readonly flips: readonly DayFlip[];
  readonly lastChange: ExplainedChange | null;
}

export interface ExplainedChange {
  readonly at: DayFlip["at"];
  readonly by: string;
  readonly did: DayFlip["did"];
  /** Null where there was no run before. */
  readonly from: string | null;
  readonly to: string;
}

export function explainDay(
  archive: Archive,
  row: DayRow | undefined,
  metric: Metric,
  day: UtcDay,
): ExplainedDay {
  const fp = metric.fingerprint;
  const entry = row?.entries[fp];
  const v = archive.genesis.map((genesis, p) => entry?.v[p] ?? genesis);
  const { back, ahead } = reachDays(metric);
  const eventsOf = (e: ManifestEntry): number => {
    let n = 0;
    for (let x = day - back; x <= day + ahead; x++) n += e.days[x] ?? 0;
    return n;
  };
  const told = (partition: number, e: ManifestEntry): ExplainedObject => ({
    partition,
    from: e.from,
    to: e.to,
    object: e.object,
    sha256: e.sha256,
    events: eventsOf(e),
    received_ms: e.receivedMs,
  });
  const below = archive.manifest.flatMap((entries, p) =>
    inputsOf(entries, v[p] ?? 0, [metric], day).map((e) => told(p, e)),
  );
  const above = archive.manifest.flatMap((entries, p) =>
    entries.filter((e) => e.from >= (v[p] ?? 0) && eventsOf(e) > 0).map((e) => told(p, e)),
  );
  const flips = (row?.flips ?? []).filter((f) => f.runs[fp] !== undefined || f.did === "unpin");
  return {
    day,
    fingerprint: fp,
    format: PARTIAL_FORMAT,
    run: entry?.run ?? null,
    v,
    pinned: entry?.pinned === true,
    objects: below,
    late: above,
    kept: row?.selectable[fp] ?? [],
    flips,
    lastChange: lastChange(flips, metric),
  };
}

function lastChange(flips: readonly DayFlip[], { fingerprint }: Metric): ExplainedChange | null {
  const moves = flips.filter((f) => f.runs[fingerprint] !== undefined);
  const last = moves.at(-1);
  const to = last?.runs[fingerprint];
  if (!last || to === undefined) return null;
  const { at, by, did } = last;
  return { at, by, did, from: moves.at(-2)?.runs[fingerprint] ?? null, to };
}

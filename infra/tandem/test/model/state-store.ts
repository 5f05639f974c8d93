// A state seen through the view port, so that planner, publishing, rollback and reader are the real ones. Rows
// are what the real folds make of the log; equal contents are folded once in a process.
import { MemoryViewStore } from "@tandem/adapters/memory";
import { addPartial, type Cells, runRows } from "@tandem/batch-layer";
import {
  type BlockRow,
  DAY_MS,
  type Doubt,
  dayOf,
  type EpochMs,
  type Fingerprint,
  Fold,
  formatDay,
  getOrMake,
  type LedgerRow,
  type Metric,
  type Position,
  type RunQuery,
  type RunRow,
  type SpeedQuery,
  type StoredSpeedRow,
  type UtcDay,
} from "@tandem/shared-logic";
import { columnsOf } from "@tandem/shared-logic/testing";
import type { BrokenRule } from "./rules.ts";
import {
  type Entry,
  FIRST,
  isSent,
  METRICS,
  offsetsBelow,
  PARTITIONS,
  type Sent,
  type State,
  TENANT,
} from "./universe.ts";

const folded = new Map<string, BlockRow[]>();
export const contentOf = (events: readonly Sent[]): string =>
  events.map((e) => `${e.kind}${e.n}${e.copy ? "'" : ""}`).join("");

function rowsOf(metric: Metric, side: "exact" | "approx", events: readonly Sent[]): BlockRow[] {
  return getOrMake(folded, `${metric.name}|${side}|${contentOf(events)}`, () => {
    const fold = new Fold([metric], side, side === "exact" ? Number.POSITIVE_INFINITY : undefined);
    const columns = columnsOf(
      events.map((e) => ({
        event_id: `e${e.n}`,
        user_id: `user-${e.partition}`,
        timestamp: e.timeMs,
        properties: { bit: 4 ** e.n },
      })),
      { tenant: TENANT },
    );
    const rows = Uint32Array.from(events, (_, i) => i);
    fold.fold(columns, rows, new Uint8Array(events.length), events.length);
    return [...fold.rows()];
  });
}

interface Run {
  readonly rows: readonly RunRow[];
  readonly events: readonly Sent[];
}
const runs = new Map<string, Run>();
export const eventsOfRun = (run: string): readonly Sent[] => runs.get(run)?.events ?? [];

/** Writes the run of these events; its id is its content. */
export function writeRun(
  metric: Metric,
  day: UtcDay,
  v: readonly number[],
  taken: readonly Sent[],
): string {
  const id = `${formatDay(day)}-${metric.name}@${v.join(",")}:${contentOf(taken)}`;
  getOrMake(runs, id, () => {
    const cells: Cells = new Map();
    for (const p of PARTITIONS) {
      const own = taken.filter((e) => e.partition === p);
      addPartial(metric, cells, rowsOf(metric, "exact", own));
    }
    return { rows: [...runRows(metric, cells, day)], events: taken };
  });
  return id;
}

const speedRows = new Map<string, StoredSpeedRow[]>();

/** Rows of the metric in one segment of a partition, folded up to `to`. */
function segmentRows(
  metric: Metric,
  partition: number,
  segment: number,
  to: number,
  entries: readonly Entry[],
): StoredSpeedRow[] {
  const own = entries.filter((e) => isSent(e)).filter((e) => !e.copy);
  const key = `${metric.name}|${partition}|${segment}|${to}|${contentOf(own)}`;
  return getOrMake(speedRows, key, () =>
    rowsOf(metric, "approx", own).map(
      ({ tenant, set, group, startMs, events, skipped, state }) => ({
        ...{ fp: metric.fingerprint, partition, segment, to, doubt: 0 as Doubt },
        ...{ tenant, set, group, startMs, events, skipped, state },
      }),
    ),
  );
}

/** Where a flush cut short had come: the first day's rows, not the others'. */
const FIRST_BLOCKS = (FIRST + 1) * DAY_MS;

export class StateStore extends MemoryViewStore {
  state: State;
  private readonly rule: BrokenRule | undefined;

  constructor(state: State, rule?: BrokenRule) {
    super();
    this.state = state;
    this.rule = rule;
  }

  override async positions(): Promise<readonly Position[]> {
    return this.state.positions.map((to) => ({ to, asOf: 0 as EpochMs }));
  }

  override async starts(): Promise<readonly number[]> {
    return PARTITIONS.map(() => 0);
  }

  override async readSpeed(q: SpeedQuery): Promise<readonly StoredSpeedRow[]> {
    const metric = METRICS.find((m) => m.fingerprint === q.fp);
    if (!metric) return [];
    const { log, flushed, positions } = this.state;
    const rows: StoredSpeedRow[] = [];
    for (const p of PARTITIONS) {
      const bounds = offsetsBelow(this.state, p);
      for (const [i, segment] of bounds.entries()) {
        const end = bounds[i + 1] ?? Number.POSITIVE_INFINITY;
        const [all, some] = [positions[p] ?? 0, flushed[p] ?? 0].map((to) => Math.min(to, end));
        for (const to of new Set([all ?? 0, some ?? 0])) {
          if (to <= segment) continue;
          for (const row of segmentRows(
            metric,
            p,
            segment,
            to,
            (log[p] ?? []).slice(segment, to),
          )) {
            const early = row.startMs < FIRST_BLOCKS;
            if (to !== (early || this.rule === "position before rows" ? some : all)) continue;
            if (row.startMs < q.from || row.startMs >= q.until) continue;
            if (segment < this.droppedBelow(q.fp, dayOf(row.startMs), p)) continue;
            rows.push(row);
          }
        }
      }
    }
    return rows;
  }

  droppedBelow(fp: Fingerprint, day: UtcDay, partition: number): number {
    return this.state.dropped.get(`${fp}|${day}`)?.[partition] ?? 0;
  }

  override async readRun(q: RunQuery): Promise<readonly RunRow[]> {
    return (runs.get(q.run)?.rows ?? []).filter(
      (r) => r.set === q.set && r.grain === q.grain && r.startMs >= q.from && r.startMs < q.until,
    );
  }

  override async dropped(
    _dataset: string,
    fp: Fingerprint,
    from: UtcDay,
    until: UtcDay,
  ): Promise<ReadonlyMap<UtcDay, readonly number[]>> {
    const found = new Map<UtcDay, readonly number[]>();
    for (let x = from; x < until; x = (x + 1) as UtcDay)
      found.set(
        x,
        PARTITIONS.map((p) => this.droppedBelow(fp, x, p)),
      );
    return found;
  }

  override async dropSpeed(
    _dataset: string,
    fp: Fingerprint,
    day: UtcDay,
    below: readonly number[],
  ): Promise<void> {
    const higher = PARTITIONS.map((p) => Math.max(below[p] ?? 0, this.droppedBelow(fp, day, p)));
    const dropped = new Map(this.state.dropped).set(`${fp}|${day}`, higher);
    this.state = { ...this.state, dropped };
  }

  override async ledger(key: string): Promise<LedgerRow | undefined> {
    return this.state.ledger.get(key);
  }

  override async cas(key: string, expected: number, value: string): Promise<boolean> {
    if ((this.state.ledger.get(key)?.version ?? 0) !== expected) return false;
    const ledger = new Map(this.state.ledger).set(key, { key, version: expected + 1, value });
    this.state = { ...this.state, ledger };
    return true;
  }
}

// One consistent read: positions, starts and ledger, then cells, then what was dropped. Where something
// above the V used was dropped the ledger is asked again: changed, start again; unchanged, it is missing.
// Where a used row lies above its position (a flush under way) it starts again, at most twice; after that
// the overlay covers each cell by its own rows.
import {
  DAY_MS,
  dayOf,
  daysLost,
  type EpochMs,
  flushUnderWay,
  type ReadView,
  type SpanValues,
  TandemError,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import type { CellQuery } from "./cell-query.ts";
import type { ExactMerge } from "./exact-merge.ts";
import { readCells } from "./read-cells.ts";
import type { RunRowCache } from "./run-row-cache.ts";
import { readSeams, type Seam, type SeamPorts } from "./seam.ts";
import type { SpeedRowCache } from "./speed-row-cache.ts";

export interface ReadPorts extends SeamPorts {
  readonly views: Pick<
    ViewStore,
    "positions" | "starts" | "ledger" | "readSpeed" | "readRun" | "dropped"
  >;
  readonly exactly?: ExactMerge;
  readonly runRows?: Pick<RunRowCache, "read">;
  readonly speedRows?: Pick<SpeedRowCache, "read" | "reachedBy">;
}

export interface ReadResult {
  readonly seam: Seam;
  readonly view: ReadView;
  readonly spans: ReadonlyMap<EpochMs, SpanValues>;
}

const FLUSH_RESTARTS = 2;
const LEDGER_RESTARTS = 10;

/**
 * `first`: seams read just before, of one reading, which the first attempt goes on from. All queries start again
 * where one has to.
 */
export async function readViews(
  ports: ReadPorts,
  queries: readonly CellQuery[],
  genesis: readonly number[],
  first: readonly Seam[],
): Promise<ReadResult[]> {
  let seams = first;
  for (let flushes = 0, changes = 0; ; seams = await readSeams(ports, queries, genesis.length)) {
    const results = await Promise.all(
      queries.map((query, i) => readOnce(ports, query, genesis, seams[i] as Seam)),
    );
    const moved = await Promise.all(
      results.map(({ seam, view }, i) => ledgerMovedOn(ports, queries[i] as CellQuery, seam, view)),
    );
    if (moved.includes(true)) {
      if (++changes > LEDGER_RESTARTS) {
        throw new TandemError("store_unavailable", {
          message: "runs are being published faster than they can be read; try again",
          details: { metric: queries[0]?.metric.name, restarts: LEDGER_RESTARTS },
        });
      }
      continue;
    }
    if (results.some(({ view }) => flushUnderWay(view)) && flushes < FLUSH_RESTARTS) {
      flushes++;
      continue;
    }
    return results;
  }
}

async function readOnce(
  ports: ReadPorts,
  query: CellQuery,
  genesis: readonly number[],
  seam: Seam,
): Promise<ReadResult> {
  const { speed, dropped, runs, spans } = await readCells(ports, query, seam, () =>
    readDropped(ports, query, genesis.length),
  );
  const { metric, layer } = query;
  const reached = ports.speedRows?.reachedBy(speed);
  const view: ReadView = {
    metric,
    set: metric.reducer.inside ? 0 : query.set,
    ...(layer === "both" ? {} : { only: layer }),
    genesis,
    positions: seam.positions,
    starts: seam.starts,
    days: seam.days,
    speed,
    ...(reached ? { reached } : {}),
    runs,
    dropped,
  };
  return { seam, view, spans };
}

async function readDropped(
  { views, dataset }: ReadPorts,
  { metric, layer, from, until }: CellQuery,
  partitions: number,
): Promise<ReadonlyMap<UtcDay, readonly number[]>> {
  if (layer === "batch") return new Map();
  const { beforeMs, afterMs } = metric.reducer.reach;
  const first = dayOf(from) - Math.ceil(beforeMs / DAY_MS);
  const last = dayOf((until - 1) as EpochMs) + Math.ceil(afterMs / DAY_MS);
  return views.dropped(
    dataset,
    metric.fingerprint,
    first as UtcDay,
    (last + 1) as UtcDay,
    partitions,
  );
}

/** Some day of which something above its V was dropped has another run by now. */
async function ledgerMovedOn(
  { ledger }: ReadPorts,
  { metric, layer }: CellQuery,
  seam: Seam,
  view: ReadView,
): Promise<boolean> {
  if (layer !== "both") return false;
  const lost = daysLost(view);
  if (lost.length === 0) return false;
  const now = await ledger.read(lost);
  return lost.some((day) => {
    const [before, after] = [seam.days.get(day), now.get(day)?.row?.entries[metric.fingerprint]];
    return before?.run !== after?.run || before?.v.join() !== after?.v.join();
  });
}

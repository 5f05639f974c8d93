// The second phase: speed rows of the range and its reach, what was dropped of them, and of each day's run what
// the overlay needs. What was dropped is read once the speed rows are there; a run's rows never change and are
// read beside both. A run's states are not read where its stored values answer alone.
import {
  blockMs,
  DAY_MS,
  dayOf,
  dayStart,
  type EpochMs,
  GRAIN_MS,
  getOrMake,
  type Metric,
  OTHER_GROUP,
  type RunQuery,
  type RunRow,
  type RunRows,
  type SpanValues,
  type StoredGrain,
  type StoredSpeedRow,
  storedGrainOf,
  type UtcDay,
  type ViewStore,
  type Window,
} from "@tandem/shared-logic";
import type { CellQuery } from "./cell-query.ts";
import type { ExactMerge } from "./exact-merge.ts";
import type { RunRowCache } from "./run-row-cache.ts";
import { daysOf, type Seam, spanCounts } from "./seam.ts";
import { settledDays } from "./settled-days.ts";
import type { SpeedRowCache } from "./speed-row-cache.ts";

export interface CellPorts {
  readonly views: Pick<ViewStore, "readSpeed" | "readRun">;
  /** Run rows that were read before; absent: all are read from the store. */
  readonly runRows?: Pick<RunRowCache, "read">;
  /** The same of speed rows. */
  readonly speedRows?: Pick<SpeedRowCache, "read">;
  readonly dataset: string;
  /** Absent: ranges that no run stores are merged from sketches. */
  readonly exactly?: ExactMerge;
}

export interface Cells<Dropped> {
  readonly speed: readonly StoredSpeedRow[];
  readonly dropped: Dropped;
  readonly runs: ReadonlyMap<string, RunRows>;
  readonly spans: ReadonlyMap<EpochMs, SpanValues>;
}

const AT_ONCE = 32;

/** `readDropped` is called when the speed rows are read. */
export async function readCells<Dropped>(
  ports: CellPorts,
  query: CellQuery,
  seam: Seam,
  readDropped: () => Promise<Dropped>,
): Promise<Cells<Dropped>> {
  const reading = readSpeed(ports, query, seam);
  const [speed, dropped, batch] = await Promise.all([
    reading,
    reading.then(readDropped),
    query.metric.reducer.additive
      ? readAdditive(ports, query, seam)
      : readStored(ports, query, seam, reading),
  ]);
  return { speed, dropped, ...batch };
}

type Batch = Pick<Cells<never>, "runs" | "spans">;

const sealedDays = (seam: Seam): { readonly day: UtcDay; readonly run: string }[] =>
  [...seam.days].flatMap(([day, entry]) => (entry ? [{ day, run: entry.run }] : []));

/** No run stores values of it: states answer, whatever speed has. */
async function readAdditive(ports: CellPorts, query: CellQuery, seam: Seam): Promise<Batch> {
  const runs = new Map<string, RunRows>();
  await inTurns(sealedDays(seam), async ({ day, run }) => {
    runs.set(run, { finest: await readStates(ports, query, day, run), values: [] });
  });
  return { runs, spans: new Map() };
}

async function readStored(
  ports: CellPorts,
  query: CellQuery,
  seam: Seam,
  speed: Promise<readonly StoredSpeedRow[]>,
): Promise<Batch> {
  const sealed = sealedDays(seam);
  const stored = storedGrains(query);
  const values = new Map<UtcDay, readonly RunRow[]>();
  const readingValues = inTurns(sealed, async ({ day, run }) => {
    values.set(day, await readValues(ports, query, day, run, stored.get(day) ?? []));
  });
  // What runs store is of single groups.
  const readingSpans = query.union?.merges ? new Map() : readSpans(ports, query, seam);
  const [spans] = await Promise.all([readingSpans, readingValues]);
  const settled = settledDays(query.metric, seam, await speed);
  await mergeExactly(ports, query, seam, settled, spans);
  const needed = daysOfStates(query, settled, values, spans);
  const runs = new Map<string, RunRows>();
  await inTurns(sealed, async ({ day, run }) => {
    const finest = needed.has(day) ? await readStates(ports, query, day, run) : undefined;
    runs.set(run, { finest, values: values.get(day) ?? [] });
  });
  return { runs, spans };
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < items.length; i += AT_ONCE)
    await Promise.all(items.slice(i, i + AT_ONCE).map(work));
}

const readRun = (ports: CellPorts, q: RunQuery): Promise<readonly RunRow[]> =>
  ports.runRows ? ports.runRows.read(q) : ports.views.readRun(q);

const finestOf = (metric: Metric): StoredGrain => metric.reducer.grains[0] ?? "hour";

/** Cells stand in blocks, so a range of cells is a range of blocks. */
function blocksOf(metric: Metric, { from, until }: Window): Window {
  const step = blockMs(finestOf(metric));
  const { beforeMs, afterMs } = metric.reducer.reach;
  return {
    from: (Math.floor((from - beforeMs) / step) * step) as EpochMs,
    until: (Math.ceil((until + afterMs) / step) * step) as EpochMs,
  };
}

async function readSpeed(
  { views, speedRows, dataset }: CellPorts,
  query: CellQuery,
  { positions }: Seam,
): Promise<readonly StoredSpeedRow[]> {
  const { metric, tenant, groups, layer } = query;
  // Positions at or below every V do not prove that nothing lies above: a flush cut short leaves rows
  // above its position, and an answer given before the run was published may have covered them.
  if (layer === "batch") return [];
  const inside = metric.reducer.inside !== undefined;
  const rows = {
    dataset,
    fp: metric.fingerprint,
    tenant,
    set: inside ? 0 : query.set,
    ...blocksOf(metric, query),
    ...(inside || !groups ? {} : { groups }),
  };
  return speedRows ? speedRows.read(rows, positions) : views.readSpeed(rows);
}

async function readSpans(
  ports: CellPorts,
  query: CellQuery,
  seam: Seam,
): Promise<Map<EpochMs, SpanValues>> {
  const spans = new Map<EpochMs, SpanValues>();
  await inTurns(
    seam.spans.filter((span) => spanCounts(seam, span)),
    async ({ window, grain, row }) => {
      const { tenant, set } = query;
      const rows = await readRanked(
        ports,
        query,
        { run: row.run, tenant, set, grain, ...window },
        1,
      );
      const values = new Map<string, string | null>();
      const skipped = new Map<string, number>();
      for (const r of rows) {
        if (r.value !== undefined) values.set(r.group, r.value);
        if (r.skipped > 0) skipped.set(r.group, r.skipped);
      }
      spans.set(window.from, { run: row.run, values, skipped });
    },
  );
  return spans;
}

/** By day: the grains at which runs store a value for just one of its windows. */
function storedGrains({ metric, windows }: CellQuery): Map<UtcDay, Set<StoredGrain>> {
  const grains = new Map<UtcDay, Set<StoredGrain>>();
  for (const window of windows) {
    const grain = storedGrainOf(metric, window);
    if (grain !== undefined)
      getOrMake(grains, dayOf(window.from), () => new Set<StoredGrain>()).add(grain);
  }
  return grains;
}

/** Values at the grains that windows of the day are stored at, and the day's to tighten longer windows by. */
async function readValues(
  ports: CellPorts,
  query: CellQuery,
  day: UtcDay,
  run: string,
  stored: Iterable<StoredGrain>,
): Promise<RunRow[]> {
  const { metric, tenant, set } = query;
  const { monotone, atMostEvents, atLeastDays, grains } = metric.reducer;
  const wanted = new Set(stored);
  const tightens = (monotone && atMostEvents) || (atLeastDays !== undefined && hasLong(query));
  if (tightens && grains.includes("day")) wanted.add("day");
  const range = { from: dayStart(day), until: dayStart((day + 1) as UtcDay) };
  const rows: RunRow[] = [];
  for (const grain of wanted) {
    const q = { run, tenant, set, grain, ...range };
    rows.push(...(await readRanked(ports, query, q, DAY_MS / GRAIN_MS[grain])));
  }
  return rows;
}

/**
 * Values of the groups asked for. Where dimensions live inside the state a run names the largest groups alone: of
 * one that it does not name, the others say what it has at most.
 */
async function readRanked(
  ports: CellPorts,
  { metric, groups }: CellQuery,
  q: RunQuery,
  windows: number,
): Promise<readonly RunRow[]> {
  if (!groups) return readRun(ports, q);
  const rows = await readRun(ports, { ...q, groups });
  return metric.reducer.inside && rows.length < windows ? readRun(ports, q) : rows;
}

const hasLong = ({ windows }: CellQuery): boolean =>
  windows.some(({ from, until }) => until - from > DAY_MS);

async function readStates(
  ports: CellPorts,
  query: CellQuery,
  day: UtcDay,
  run: string,
): Promise<readonly RunRow[]> {
  const { metric, tenant, groups } = query;
  const inside = metric.reducer.inside !== undefined;
  const own = { from: dayStart(day), until: dayStart((day + 1) as UtcDay) };
  return readRun(ports, {
    run,
    tenant,
    set: inside ? 0 : query.set,
    grain: finestOf(metric),
    ...blocksOf(metric, own),
    ...(inside || !groups ? {} : { groups }),
  });
}

/** Days whose states some window needs: all but where stored values answer it alone. */
function daysOfStates(
  { metric, windows, union }: CellQuery,
  settled: (day: UtcDay) => boolean,
  values: ReadonlyMap<UtcDay, readonly RunRow[]>,
  spans: ReadonlyMap<EpochMs, SpanValues>,
): ReadonlySet<UtcDay> {
  const needed = new Set<UtcDay>();
  for (const window of windows) {
    const days = daysOf(window.from, window.until);
    const span = spans.get(window.from);
    const stored = span !== undefined || storedGrainOf(metric, window) !== undefined;
    const capped = span
      ? span.values.has(OTHER_GROUP)
      : days.some((day) => values.get(day)?.some((row) => row.group === OTHER_GROUP));
    if (union || !stored || capped || !days.every(settled)) for (const day of days) needed.add(day);
  }
  return needed;
}

/** Exact values of windows that no run stores but whose days are settled. */
async function mergeExactly(
  { exactly }: CellPorts,
  query: CellQuery,
  seam: Seam,
  settled: (day: UtcDay) => boolean,
  spans: Map<EpochMs, SpanValues>,
): Promise<void> {
  const { metric, tenant, set, groups, union } = query;
  if (!exactly) return;
  const budget = exactly.budget();
  for (const window of query.windows) {
    if (spans.has(window.from)) continue;
    // A union is merged of whole objects of a day, which an hour is not worth.
    const pays = union?.merges ? window.until - window.from >= DAY_MS / 2 : false;
    if (!pays && storedGrainOf(metric, window) !== undefined) continue;
    if (union?.merges && !pays) continue;
    const days = daysOf(window.from, window.until);
    if (!days.every(settled)) continue;
    const runs = days.flatMap((day) => {
      const run = seam.days.get(day)?.run;
      return run === undefined ? [] : [{ day, run }];
    });
    const values = await exactly.values(
      { metric, tenant, set, groups, window, days: runs, ...(union?.merges ? { union } : {}) },
      budget,
    );
    if (values) spans.set(window.from, values);
  }
}

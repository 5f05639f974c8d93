// Holds a directory against a plain recount of its log: batch exactly, speed within its intervals, speed
// rows byte for byte against a fold that was never disturbed, accounting, tiling.
import assert from "node:assert/strict";
import { DirectoryLock, systemClock } from "@tandem/adapters/embedded";
import { MemoryCheckpointStore, MemoryViewStore } from "@tandem/adapters/memory";
import type { QueryEngine, QueryParams } from "@tandem/serving";
import {
  type Clock,
  ColumnScanner,
  cutKey,
  DAY_MS,
  datasetKey,
  dayOf,
  dayStart,
  type EpochMs,
  fieldsOf,
  formatInstant,
  GRAIN_MS,
  HOUR_MS,
  type Metric,
  type RecordBatch,
  readManifest,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { SpeedWorker, sumOfCounters } from "@tandem/speed-layer";
import { Tandem } from "../../src/tandem.ts";
import { firstCopies, type PlainEvent, plainSessions, plainValue } from "../parity/plain-oracle.ts";
import { CRASH_OPTIONS, TENANT } from "./crash-options.ts";

export interface Verified {
  readonly records: number;
  readonly events: number;
  readonly values: number;
  readonly speedRows: number;
}

export async function openDirectory(
  dir: string,
  clock: Clock = systemClock(),
  folders: readonly string[] = [],
) {
  const lock = await DirectoryLock.take(dir);
  const errors: string[] = [];
  const tandem = await Tandem.open({
    ...CRASH_OPTIONS,
    dataDir: dir,
    clock,
    metricFolders: folders,
    onError: (error, where) => errors.push(`${where}: ${String(error)}`),
  });
  const close = async (): Promise<void> => {
    await tandem.close();
    await lock.release();
    assert.deepEqual(errors, []);
  };
  return { tandem, close };
}

/** Opens the directory, catches up, runs batch over all days and compares. */
export async function verifyDirectory(
  dir: string,
  acknowledged: ReadonlySet<string>,
): Promise<Verified> {
  const { tandem, close } = await openDirectory(dir);
  await tandem.catchUp();
  const before = await compareSpeed(tandem);
  await unpinAll(tandem);
  await tandem.runBatch({ includeOpen: true });
  const verified = await compareAll(tandem, acknowledged);
  await close();
  return { ...verified, speedRows: before };
}

async function unpinAll(tandem: Tandem): Promise<void> {
  const { views } = tandem.ports;
  for (const row of await views.ledgerRows(`day/${tandem.dataset.dataset}/`)) {
    const day = JSON.parse(row.value) as { entries: Record<string, { pinned?: boolean }> };
    for (const entry of Object.values(day.entries)) delete entry.pinned;
    await views.cas(row.key, row.version, JSON.stringify(day));
  }
}

export async function batchesOf(tandem: Tandem, partition: number): Promise<RecordBatch[]> {
  const all: RecordBatch[] = [];
  const { log } = tandem.ports;
  for (let from = 0; ; ) {
    const b = await log.read(tandem.dataset.dataset, partition, from, 1 << 20);
    if (b.to === from) return all;
    all.push({ ...b, bytes: b.bytes.slice() });
    from = b.to;
  }
}

export async function plainEvents(tandem: Tandem): Promise<PlainEvent[]> {
  const all: PlainEvent[] = [];
  for (const p of tandem.dataset.genesis.keys())
    all.push(...firstCopies(await batchesOf(tandem, p)));
  return all;
}

/** After a batch run that left nothing above it: answers, accounting and archive. */
export async function compareAll(
  tandem: Tandem,
  acknowledged: ReadonlySet<string>,
  known: (metric: Metric) => boolean = () => true,
): Promise<Omit<Verified, "speedRows">> {
  const { log, objects } = tandem.ports;
  const { dataset, genesis } = tandem.dataset;
  const ends = (await log.ranges(dataset)).map((r) => r.end);
  for (const [p, worker] of tandem.workers.entries()) {
    assert.ok(worker.current);
    assert.equal(worker.current.offset, ends[p]);
    assert.equal(sumOfCounters(worker.current.counters), (ends[p] ?? 0) - (genesis[p] ?? 0));
    const entries = await readManifest(objects, dataset, p, genesis[p] ?? 0);
    assert.equal(entries.at(-1)?.to, ends[p]);
    const records = entries.reduce((n, e) => n + e.events + e.cuts + e.dead, 0);
    assert.equal(records, (ends[p] ?? 0) - (genesis[p] ?? 0), "the archive's own accounting");
  }
  const events = await plainEvents(tandem);
  const ids = new Set(events.map((e) => e.id));
  for (const id of acknowledged) assert.ok(ids.has(id), `${id} was acknowledged and is not there`);
  let values = 0;
  if (events.length === 0) return { records: 0, events: 0, values };
  for (const metric of tandem.metrics.filter(known))
    values += await compareMetric(tandem.queries, metric, events);
  return { records: ends.reduce((a, b) => a + b, 0), events: events.length, values };
}

async function compareMetric(
  queries: QueryEngine,
  metric: Metric,
  events: readonly PlainEvent[],
): Promise<number> {
  const sessions = plainSessions(events);
  const times = events.map((e) => e.timeMs);
  const from = dayStart(dayOf(Math.min(...times) as EpochMs));
  const until = dayStart((dayOf(Math.max(...times) as EpochMs) + 1) as UtcDay);
  let values = 0;
  const ask = async (params: QueryParams) => {
    const range = { from: formatInstant(from), until: formatInstant(until) };
    const result = await queries.query({ ...range, ...params }, metric.name, TENANT);
    assert.ok(result.ok, JSON.stringify(result));
    // What speed dropped below a run it cannot answer alone, and says so.
    const missing = result.answer.missing.filter(
      ({ why }) => params["layer"] !== "speed" || !why.includes("were dropped"),
    );
    assert.deepEqual(missing, []);
    return result.answer;
  };
  for (const grain of ["hour", "day"] as const) {
    const truth = new Map<string, string | null>();
    for (let at: number = from; at < until; at += GRAIN_MS[grain])
      truth.set(
        formatInstant(at as EpochMs),
        plainValue(metric.name, events, sessions, at, at + GRAIN_MS[grain]),
      );
    for (const layer of ["both", "batch", "speed"]) {
      const answer = await ask({ grain, layer });
      if (answer.missing.length === 0) assert.equal(answer.points.length, truth.size);
      for (const point of answer.points) {
        const expected = truth.get(point.from) ?? null;
        const where = `${metric.name} ${layer} ${grain} ${point.from}`;
        if (layer !== "speed") assert.ok(point.exact, `${where} is not exact`);
        if (point.exact) assert.equal(asText(point.value), expected, where);
        else if (expected !== null && point.value !== null) {
          assert.ok(Number(point.low) <= Number(expected), `${where}: ${expected} < ${point.low}`);
          assert.ok(
            Number(point.high) >= Number(expected),
            `${where}: ${expected} > ${point.high}`,
          );
        }
        values++;
      }
    }
  }
  return values;
}

const asText = (value: number | string | null): string | null =>
  value === null ? null : String(value);

/** Rows of every segment that was not dropped equal those of a worker that folds the log in one go. */
export async function compareSpeed(tandem: Tandem): Promise<number> {
  const { ports, dataset, metrics } = tandem;
  const fresh = new MemoryViewStore();
  for (const key of [datasetKey(dataset.dataset), cutKey(dataset.dataset)]) {
    const row = await ports.views.ledger(key);
    if (row) await fresh.cas(key, 0, row.value);
  }
  const scanner = (): ColumnScanner =>
    new ColumnScanner([...new Set(["event_id", ...metrics.flatMap(fieldsOf)])]);
  for (const partition of dataset.genesis.keys()) {
    const worker = new SpeedWorker(
      { ...ports, views: fresh, checkpoints: new MemoryCheckpointStore() },
      { dataset: dataset.dataset, partition, owner: "undisturbed" },
      metrics,
      scanner(),
    );
    await worker.open();
    await worker.catchUp();
  }
  let rows = 0;
  for (const metric of metrics) {
    const gone = await droppedDays(ports.views, dataset.dataset, metric);
    const [is, must] = [await rowsOf(ports.views, metric, gone), await rowsOf(fresh, metric, gone)];
    const odd = [...is.keys(), ...must.keys()].filter((k) => !is.has(k) || !must.has(k));
    assert.deepEqual(odd, [], `rows of ${metric.name} in one of the two only`);
    for (const [key, text] of must) assert.equal(is.get(key), text, `${metric.name} ${key}`);
    rows += must.size;
    const n = dataset.genesis.length;
    assert.deepEqual(
      await ports.views.starts(dataset.dataset, metric.fingerprint, n),
      await fresh.starts(dataset.dataset, metric.fingerprint, n),
    );
  }
  return rows;
}

type Dropped = ReadonlyMap<UtcDay, readonly number[]>;
const RANGE_MS = 20 * DAY_MS;

const droppedDays = (views: ViewStore, dataset: string, metric: Metric): Promise<Dropped> => {
  const today = dayOf(Date.now() as EpochMs);
  return views.dropped(
    dataset,
    metric.fingerprint,
    (today - 20) as UtcDay,
    (today + 2) as UtcDay,
    CRASH_OPTIONS.partitions,
  );
};

async function rowsOf(
  views: ViewStore,
  metric: Metric,
  gone: Dropped,
): Promise<Map<string, string>> {
  const rows = new Map<string, string>();
  const now = Date.now();
  for (const set of metric.sets.keys()) {
    const query = { dataset: metric.dataset, fp: metric.fingerprint, tenant: TENANT, set };
    const from = (Math.floor((now - RANGE_MS) / HOUR_MS) * HOUR_MS) as EpochMs;
    for (const r of await views.readSpeed({ ...query, from, until: (now + DAY_MS) as EpochMs })) {
      if (r.segment < (gone.get(dayOf(r.startMs))?.[r.partition] ?? 0)) continue;
      const key = `${set}|${r.group}|${r.startMs}|${r.partition}|${r.segment}|${r.doubt}`;
      const state = Buffer.from(r.state).toString("hex");
      rows.set(key, `${r.events}|${r.skipped}|${state}`);
    }
  }
  return rows;
}

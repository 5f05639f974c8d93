// Speed rows that serving keeps between queries, against a log: flushes that are cut short, repeated and overtaken by
// zombies, workers that fold everything again, power cuts and drops. Whatever was kept, every row says what the
// log has of its cell, up to the position that was read before.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryViewStore } from "@tandem/adapters/memory";
import { SpeedRowCache } from "@tandem/serving";
import {
  below,
  dayStart,
  type EpochMs,
  type Fingerprint,
  HOUR_MS,
  type Random,
  type SpeedQuery,
  type SpeedRow,
  SURE,
  seededRandom,
  utcDay,
} from "@tandem/shared-logic";

const SEEDS = 300;
const STEPS = 120;
const PARTITIONS = 2;
const CELLS = 4;
const DAY = utcDay(18_000);
const FP = "m@1-0" as Fingerprint;
const KEY = { dataset: "app", fp: FP, tenant: "t", set: 0 };
const QUERY: SpeedQuery = { ...KEY, from: dayStart(DAY), until: dayStart(utcDay(DAY + 1)) };
const startOf = (cell: number): EpochMs => (dayStart(DAY) + cell * HOUR_MS) as EpochMs;

/** A partition's log: the cell of each event, and the offsets at which segments begin. */
interface Log {
  readonly cells: number[];
  readonly cuts: number[];
}

const countOf = ({ cells }: Log, cell: number, from: number, until: number): number =>
  cells.slice(from, until).filter((c) => c === cell).length;

/** What a flush of [flushed, to) writes: cells that changed, by segment. */
function rowsOf(log: Log, flushed: number, to: number): SpeedRow[] {
  const rows: SpeedRow[] = [];
  for (const [i, segment] of log.cuts.entries()) {
    const end = Math.min(to, log.cuts[i + 1] ?? to);
    for (let cell = 0; cell < CELLS; cell++) {
      if (countOf(log, cell, Math.max(flushed, segment), end) === 0) continue;
      const events = countOf(log, cell, segment, end);
      const state = Uint8Array.of(events);
      const place = { fp: FP, tenant: "t", set: 0, group: "[]", startMs: startOf(cell), segment };
      rows.push({ ...place, to: end, doubt: SURE, events, skipped: 0, state });
    }
  }
  return rows;
}

class World {
  private readonly random: Random;
  private readonly store = new MemoryViewStore();
  private readonly cache = new SpeedRowCache(this.store, { now: () => 0 as EpochMs }, 1 << 20);
  private readonly logs: Log[] = Array.from({ length: PARTITIONS }, () => ({
    cells: [],
    cuts: [0],
  }));
  /** Where each worker of each partition stands: the owner, and a zombie. */
  private readonly flushed = Array.from({ length: PARTITIONS }, () => [0, 0]);
  private dropped = Array.from({ length: PARTITIONS }, () => 0);

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  private n(most: number): number {
    return below(this.random, most);
  }

  async step(): Promise<void> {
    const p = this.n(PARTITIONS);
    const log = this.logs[p]!;
    const what = this.n(20);
    if (what < 7) for (let i = this.n(4); i >= 0; i--) log.cells.push(this.n(CELLS));
    else if (what === 7 && log.cells.length > log.cuts.at(-1)!) log.cuts.push(log.cells.length);
    else if (what < 12) await this.flush(p, this.n(4) === 0 ? 1 : 0);
    else if (what === 12) this.flushed[p]![this.n(2)] = 0;
    else if (what === 13) await this.store.sync();
    else if (what === 14 && this.n(4) === 0) this.powerCut();
    else if (what === 15 && this.n(4) === 0) await this.drop(p);
    else await this.read();
  }

  /** Some are cut short: rows are there, the position is not. */
  private async flush(p: number, worker: number): Promise<void> {
    const log = this.logs[p]!;
    const from = this.flushed[p]![worker]!;
    const to = from + this.n(log.cells.length - from + 1);
    const rows = rowsOf(log, from, to).sort(() => this.n(3) - 1);
    const short = this.n(4) === 0;
    const at = (await this.store.positions("app", PARTITIONS))[p]?.to ?? 0;
    await this.store.flush({
      ...{ dataset: "app", partition: p, starts: [], asOf: 0 as EpochMs },
      to: short ? at : to,
      rows: short ? rows.slice(0, this.n(rows.length + 1)) : rows,
    });
    if (!short) this.flushed[p]![worker] = to;
  }

  /** Workers that start after it fold everything again. */
  private powerCut(): void {
    this.store.powerCut(this.random);
    for (const workers of this.flushed) workers.fill(0);
  }

  private async drop(p: number): Promise<void> {
    const { cuts } = this.logs[p]!;
    const limits = this.dropped.map((at, q) =>
      q === p ? Math.max(at, cuts[this.n(cuts.length)]!) : at,
    );
    this.dropped = limits;
    await this.store.dropSpeed("app", FP, DAY, limits);
  }

  async read(): Promise<void> {
    const positions = await this.store.positions("app", PARTITIONS);
    const rows = await this.cache.read(QUERY, positions);
    for (const [p, log] of this.logs.entries()) {
      const position = positions[p]?.to ?? 0;
      for (const [i, segment] of log.cuts.entries()) {
        if (segment < this.dropped[p]! || segment >= position) continue;
        for (let cell = 0; cell < CELLS; cell++) {
          const own = rows.filter(
            (r) => r.partition === p && r.segment === segment && r.startMs === startOf(cell),
          );
          const [row] = own;
          const to = row?.to ?? segment;
          const until = Math.min(position, log.cuts[i + 1] ?? position);
          assert.ok(own.length <= 1, "each once");
          assert.equal(row?.state[0] ?? 0, countOf(log, cell, segment, to), "what the log has");
          assert.equal(
            countOf(log, cell, to, until),
            0,
            `all up to ${until} of ${p}:${segment}:${cell}`,
          );
        }
      }
    }
  }
}

test(`${SEEDS} histories of flushes: what is kept is what the store has`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const world = new World(seed);
    try {
      for (let i = 0; i < STEPS; i++) await world.step();
      await world.read();
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
});

// A view store in memory for simulation: every write is visible at once and stands in an undo journal
// until something makes it durable, so that `powerCut` can take back any suffix of the unsynced ones.
// With `step`, a scheduler may run anybody else between the single writes of a call.
import {
  below as belowN,
  dayOf,
  type EpochMs,
  type Fingerprint,
  type Flush,
  type LedgerRow,
  type Position,
  type Random,
  RunChecksum,
  type RunQuery,
  type RunRow,
  type RunRowKey,
  type RunSum,
  type SpeedQuery,
  type SpeedRow,
  type StoredSpeedRow,
  type UtcDay,
  utcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { Journal } from "./journal.ts";

export interface MemoryViewStoreOptions {
  /** True: a flush is one step, as in sqlite. False: `step` is awaited between its single writes. */
  readonly atomicFlush: boolean;
  readonly step?: () => Promise<void>;
}

/** The parts of a key as one text that no other parts have. */
const keyOf = (...parts: readonly (string | number)[]): string => JSON.stringify(parts);

const runKeyOf = (r: RunRowKey): string => keyOf(r.tenant, r.set, r.grain, r.startMs, r.group);

export class MemoryViewStore implements ViewStore {
  private readonly journal = new Journal();
  private readonly atomicFlush: boolean;
  private readonly step: (() => Promise<void>) | undefined;
  /** By (dataset, fp), then by (tenant, set, group, start, partition, segment, doubt). */
  private readonly speed = new Map<string, Map<string, StoredSpeedRow>>();
  private readonly position = new Map<string, Position>();
  private readonly start = new Map<string, number>();
  private readonly drops = new Map<string, number>();
  private readonly runs = new Map<string, Map<string, RunRow>>();
  private readonly rows = new Map<string, LedgerRow>();

  constructor(options: MemoryViewStoreOptions = { atomicFlush: true }) {
    this.atomicFlush = options.atomicFlush;
    this.step = options.step;
  }

  /** Takes back a random number of the newest writes that nothing made durable. */
  powerCut(random: Random): void {
    this.journal.takeBack(belowN(random, this.journal.size + 1));
    this.journal.keep();
  }

  async flush({ dataset, partition, to, asOf, starts, rows }: Flush): Promise<void> {
    const step = this.atomicFlush ? undefined : this.step;
    for (const { fp, at } of starts) {
      const key = keyOf(dataset, fp, partition);
      if (!this.start.has(key)) this.journal.set(this.start, key, at);
      await step?.();
    }
    for (const row of rows) {
      this.upsert(dataset, row, partition);
      await step?.();
    }
    const key = keyOf(dataset, partition);
    const old = this.position.get(key) ?? { to, asOf };
    const moved = {
      to: Math.max(old.to, to),
      asOf: Math.max(old.asOf, asOf) as EpochMs,
    };
    this.journal.set(this.position, key, moved);
  }

  private upsert(dataset: string, row: SpeedRow, partition: number): void {
    const rows = entry(this.speed, keyOf(dataset, row.fp));
    const { tenant, set, group, startMs, segment, doubt } = row;
    const key = keyOf(tenant, set, group, startMs, partition, segment, doubt);
    const old = rows.get(key);
    if (old === undefined || row.to > old.to) {
      this.journal.set(rows, key, { ...row, partition, state: row.state.slice() });
    }
  }

  async sync(): Promise<void> {
    this.journal.keep();
  }

  async positions(dataset: string, partitions: number): Promise<readonly (Position | undefined)[]> {
    return range(partitions, (p) => this.position.get(keyOf(dataset, p)));
  }

  async starts(
    dataset: string,
    fp: Fingerprint,
    partitions: number,
  ): Promise<readonly (number | undefined)[]> {
    return range(partitions, (p) => this.start.get(keyOf(dataset, fp, p)));
  }

  /** Live iteration: a row not yet visited is seen as it is when its turn comes. */
  async readSpeed(q: SpeedQuery): Promise<readonly StoredSpeedRow[]> {
    const found: StoredSpeedRow[] = [];
    for (const row of entry(this.speed, keyOf(q.dataset, q.fp)).values()) {
      if (!matches(row, q) || row.to <= (q.above?.[row.partition] ?? -1)) continue;
      found.push({ ...row, state: row.state.slice() });
      await this.step?.();
    }
    return found;
  }

  async dropped(
    dataset: string,
    fp: Fingerprint,
    from: UtcDay,
    until: UtcDay,
    partitions: number,
  ): Promise<ReadonlyMap<UtcDay, readonly number[]>> {
    const days = range(Math.max(0, until - from), (n) => utcDay(from + n));
    return new Map(
      days.map((day) => [
        day,
        range(partitions, (p) => this.drops.get(keyOf(dataset, fp, day, p)) ?? 0),
      ]),
    );
  }

  async dropSpeed(
    dataset: string,
    fp: Fingerprint,
    day: UtcDay,
    below: readonly number[],
  ): Promise<void> {
    below.forEach((segment, p) => {
      const key = keyOf(dataset, fp, day, p);
      if (segment > (this.drops.get(key) ?? 0)) this.journal.set(this.drops, key, segment);
    });
    this.journal.keep();
    const rows = entry(this.speed, keyOf(dataset, fp));
    for (const [key, row] of rows) {
      if (dayOf(row.startMs) !== day) continue;
      if (row.segment >= (this.drops.get(keyOf(dataset, fp, day, row.partition)) ?? 0)) continue;
      await this.step?.();
      if (rows.has(key)) this.journal.delete(rows, key);
    }
  }

  async writeRun(run: string, rows: readonly RunRow[]): Promise<void> {
    const stored = entry(this.runs, run);
    for (const row of rows) {
      const key = runKeyOf(row);
      if (!stored.has(key)) this.journal.set(stored, key, { ...row, state: row.state.slice() });
    }
  }

  async readBack(run: string): Promise<RunSum> {
    const sum = new RunChecksum();
    for (const row of entry(this.runs, run).values()) sum.add(row);
    return sum.done();
  }

  async *scanRun(run: string): AsyncGenerator<readonly RunRow[]> {
    for (const row of [...entry(this.runs, run).values()])
      yield [{ ...row, state: row.state.slice() }];
  }

  async copyRun(from: string, to: string, without: readonly RunRowKey[]): Promise<void> {
    const keys = new Set(without.map(runKeyOf));
    const rows = [...entry(this.runs, from)].filter(([key]) => !keys.has(key));
    await this.writeRun(
      to,
      rows.map(([, row]) => row),
    );
  }

  async readRun(q: RunQuery): Promise<readonly RunRow[]> {
    const rows = [...entry(this.runs, q.run).values()];
    return rows
      .filter((row) => row.grain === q.grain && matches(row, q))
      .map((row) => ({ ...row, state: row.state.slice() }));
  }

  async removeRun(run: string): Promise<void> {
    const rows = entry(this.runs, run);
    for (const key of rows.keys()) this.journal.delete(rows, key);
  }

  async ledger(key: string): Promise<LedgerRow | undefined> {
    return this.rows.get(key);
  }

  async ledgerRows(prefix: string): Promise<readonly LedgerRow[]> {
    const rows = [...this.rows.values()].filter(({ key }) => key.startsWith(prefix));
    return rows.sort((a, b) => byteOrder(a.key, b.key));
  }

  async cas(key: string, expectedVersion: number, value: string): Promise<boolean> {
    if ((this.rows.get(key)?.version ?? 0) !== expectedVersion) return false;
    this.journal.set(this.rows, key, { key, version: expectedVersion + 1, value });
    this.journal.keep();
    return true;
  }

  async close(): Promise<void> {}
}

function entry<V>(maps: Map<string, Map<string, V>>, key: string): Map<string, V> {
  let map = maps.get(key);
  if (map === undefined) {
    map = new Map();
    maps.set(key, map);
  }
  return map;
}

const range = <T>(n: number, at: (i: number) => T): T[] =>
  Array.from({ length: n }, (_, i) => at(i));

const matches = (
  row: { tenant: string; set: number; group: string; startMs: number },
  q: Pick<SpeedQuery, "tenant" | "set" | "from" | "until" | "groups">,
): boolean =>
  row.tenant === q.tenant &&
  row.set === q.set &&
  row.startMs >= q.from &&
  row.startMs < q.until &&
  (q.groups === undefined || q.groups.includes(row.group));

/** The order of the UTF-8 bytes, which is that of the code points and not of UTF-16's units. */
function byteOrder(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  if (i > 0 && /[\ud800-\udbff]/.test(a[i - 1] ?? "")) i--; // the low halves differ
  return (a.codePointAt(i) ?? -1) - (b.codePointAt(i) ?? -1);
}

// Speed rows kept between queries, so that asking again reads what was flushed since. It rests on the order of a flush:
// rows are there before the position. So rows that were read after the position P hold all that was ever flushed up
// to P, and reading them again can give nothing new but rows above it; a partition whose position has not moved is not
// read at all. Folding is deterministic: a row that is written again at or below P says the same.
//
// All of it is read anew after a moment, and where a position has moved back, which only a power cut does.
import type { Clock, Position, SpeedQuery, StoredSpeedRow, ViewStore } from "@tandem/shared-logic";
import { Lru } from "../lru.ts";
import { ownBytes } from "./own-bytes.ts";

const KEPT_MS = 60_000;
/** Of a row beside its texts and bytes, with its place in the list and its name there. */
const ROW_BYTES = 400;

/** Rows of one question, to which what was flushed since is added. */
class KeptRows {
  /** By partition: read before the rows were. */
  to: readonly number[];
  /** Never changed, but replaced: a query that began before another has what it read. */
  list: readonly StoredSpeedRow[] = [];
  sizeBytes: number;
  /** By partition: no row of the list, or of one before it, lies above. */
  reached: readonly number[] = [];
  /** When all of it was read. */
  readonly readMs: number;
  /** Where each row stands in the list. */
  private readonly places = new Map<string, number>();

  constructor(key: string, to: readonly number[], rows: readonly StoredSpeedRow[], readMs: number) {
    this.sizeBytes = 2 * key.length;
    this.to = to;
    this.readMs = readMs;
    this.add(rows, to);
  }

  /** `rows`: all of them above what was known, of partitions that had come to `to` before they were read. */
  add(rows: readonly StoredSpeedRow[], to: readonly number[]): void {
    const list = [...this.list];
    const partitions = Math.max(to.length, this.reached.length);
    const reached = Array.from({ length: partitions }, (_, p) => this.reached[p] ?? 0);
    for (const row of ownBytes(rows)) {
      const place = placeOf(row);
      const at = this.places.get(place) ?? list.length;
      const was = list[at];
      // One that is the same stays the same object, which whoever kept it knows again.
      if (was !== undefined && row.to <= was.to) continue;
      if (was === undefined) this.places.set(place, at);
      this.sizeBytes += sizeOf(row) - (was === undefined ? 0 : sizeOf(was));
      list[at] = row;
      reached[row.partition] = Math.max(reached[row.partition] ?? 0, row.to);
    }
    this.list = list;
    this.reached = reached;
    // Another query may have added more meanwhile.
    this.to = to.map((at, p) => Math.max(at, this.to[p] ?? 0));
  }
}

export class SpeedRowCache {
  private readonly views: Pick<ViewStore, "readSpeed">;
  private readonly clock: Pick<Clock, "now">;
  private readonly capacityBytes: number;
  private readonly kept: Lru<KeptRows>;
  private readonly reached = new WeakMap<readonly StoredSpeedRow[], readonly number[]>();

  /** `capacityBytes` 0: nothing is kept. */
  constructor(
    views: Pick<ViewStore, "readSpeed">,
    clock: Pick<Clock, "now">,
    capacityBytes: number,
  ) {
    this.views = views;
    this.clock = clock;
    this.capacityBytes = capacityBytes;
    this.kept = new Lru(capacityBytes, (k) => k.sizeBytes);
  }

  /** `positions` were read before this is called. A row may be older than the store's only where that one lies above them. */
  async read(
    q: SpeedQuery,
    positions: readonly (Position | undefined)[],
  ): Promise<readonly StoredSpeedRow[]> {
    if (this.capacityBytes === 0) return this.views.readSpeed(q);
    const { dataset, fp, tenant, set, from, until, groups } = q;
    const key = JSON.stringify([dataset, fp, tenant, set, from, until, groups]);
    const to = positions.map((position) => position?.to ?? 0);
    const now = this.clock.now();
    const known = this.kept.get(key);
    if (known === undefined || !counts(known, to, now)) {
      const all = await this.views.readSpeed(q);
      // Copying what then cannot be kept would be in vain.
      if (all.reduce((n, row) => n + sizeOf(row), 0) > this.capacityBytes) return all;
      return this.keep(key, new KeptRows(key, to, all, now));
    }
    const above = to.map((at, p) => (at === known.to[p] ? Number.POSITIVE_INFINITY : known.to[p]!));
    if (above.every((at) => at === Number.POSITIVE_INFINITY)) return known.list;
    known.add(await this.views.readSpeed({ ...q, above }), to);
    // What was read anew meanwhile stays.
    return this.kept.get(key) === known ? this.keep(key, known) : known.list;
  }

  /** By partition, of rows that were read here: none of them lies above. Undefined where nobody knows. */
  reachedBy(rows: readonly StoredSpeedRow[]): readonly number[] | undefined {
    return this.reached.get(rows);
  }

  private keep(key: string, rows: KeptRows): readonly StoredSpeedRow[] {
    this.kept.set(key, rows);
    this.reached.set(rows.list, rows.reached);
    return rows.list;
  }
}

const counts = (known: KeptRows, to: readonly number[], now: number): boolean =>
  now - known.readMs >= 0 &&
  now - known.readMs < KEPT_MS &&
  known.to.length === to.length &&
  known.to.every((was, p) => was <= to[p]!);

const placeOf = ({ partition, startMs, segment, doubt, group }: StoredSpeedRow): string =>
  `${partition} ${startMs} ${segment} ${doubt} ${group}`;

const sizeOf = ({ state, group }: StoredSpeedRow): number =>
  ROW_BYTES + state.length + 4 * group.length;

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

type Rows = ReadonlyMap<string, StoredSpeedRow>;

/** Never changed: a query that began before another has what it read. */
interface Kept {
  /** By partition: read before the rows were. */
  readonly to: readonly number[];
  readonly rows: Rows;
  readonly list: readonly StoredSpeedRow[];
  readonly sizeBytes: number;
  /** When all of it was read. */
  readonly readMs: number;
}

export class SpeedRowCache {
  private readonly views: Pick<ViewStore, "readSpeed">;
  private readonly clock: Pick<Clock, "now">;
  private readonly capacityBytes: number;
  private readonly kept: Lru<Kept>;

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
      return sizeOf(all) > this.capacityBytes ? all : this.keep(key, to, NONE, all, now);
    }
    const above = to.map((at, p) => (at === known.to[p] ? Number.POSITIVE_INFINITY : known.to[p]!));
    if (above.every((at) => at === Number.POSITIVE_INFINITY)) return known.list;
    const more = await this.views.readSpeed({ ...q, above });
    return this.keep(key, to, known.rows, more, known.readMs);
  }

  private keep(
    key: string,
    to: readonly number[],
    known: Rows,
    more: readonly StoredSpeedRow[],
    readMs: number,
  ): readonly StoredSpeedRow[] {
    const rows = new Map(known);
    for (const row of ownBytes(more)) {
      const place = placeOf(row);
      const was = rows.get(place);
      // One that is the same stays the same object, which whoever kept it knows again.
      if (was === undefined || row.to > was.to) rows.set(place, row);
    }
    const list = [...rows.values()];
    const sizeBytes = key.length * 2 + sizeOf(list);
    this.kept.set(key, { to, rows, list, sizeBytes, readMs });
    return list;
  }
}

const NONE: Rows = new Map();

const counts = (known: Kept, to: readonly number[], now: number): boolean =>
  now - known.readMs >= 0 &&
  now - known.readMs < KEPT_MS &&
  known.to.length === to.length &&
  known.to.every((was, p) => was <= to[p]!);

const placeOf = ({ partition, startMs, segment, doubt, group }: StoredSpeedRow): string =>
  `${partition} ${startMs} ${segment} ${doubt} ${group}`;

const sizeOf = (rows: readonly StoredSpeedRow[]): number =>
  rows.reduce((n, { state, group }) => n + ROW_BYTES + state.length + 4 * group.length, 0);

// Rows of runs kept between queries. They never change, but a repair may write a damaged run again under its id
// (and a removed id may come again): what is kept is forgotten after a moment. Bounded in bytes; the bytes of
// states are copied, so that no page of a driver is held by one row of it.
import type { Clock, RunQuery, RunRow, ViewStore } from "@tandem/shared-logic";
import { Lru } from "../lru.ts";
import { ownBytes } from "./own-bytes.ts";

/** Far below the ten minutes that a run outlives its last reader by. */
const KEPT_MS = 60_000;
/** Of a row beside its texts and bytes. */
const ROW_BYTES = 160;

interface Kept {
  readonly rows: readonly RunRow[];
  readonly sizeBytes: number;
  readonly readMs: number;
}

export class RunRowCache {
  private readonly views: Pick<ViewStore, "readRun">;
  private readonly clock: Pick<Clock, "now">;
  private readonly kept: Lru<Kept> | undefined;

  /** `capacityBytes` 0: nothing is kept. */
  constructor(views: Pick<ViewStore, "readRun">, clock: Pick<Clock, "now">, capacityBytes: number) {
    this.views = views;
    this.clock = clock;
    this.kept = capacityBytes > 0 ? new Lru(capacityBytes, (k) => k.sizeBytes) : undefined;
  }

  async read(q: RunQuery): Promise<readonly RunRow[]> {
    if (!this.kept) return this.views.readRun(q);
    const { run, tenant, set, grain, from, until, groups } = q;
    const key = JSON.stringify([run, tenant, set, grain, from, until, groups]);
    const readMs = this.clock.now();
    const known = this.kept.get(key);
    if (known && readMs - known.readMs >= 0 && readMs - known.readMs < KEPT_MS) return known.rows;
    const rows = ownBytes(await this.views.readRun(q));
    this.kept.set(key, { rows, sizeBytes: key.length * 2 + sizeOf(rows), readMs });
    return rows;
  }
}

const sizeOf = (rows: readonly RunRow[]): number =>
  rows.reduce(
    (n, { state, group, value }) =>
      n + ROW_BYTES + state.length + 2 * (group.length + (value?.length ?? 0)),
    0,
  );

// The speed rows of one question by day, as they were last: of days whose rows are the same objects nothing is made anew.
import type { StoredSpeedRow } from "../ports/view-store.ts";
import { dayOf, type UtcDay } from "../time/epoch-ms.ts";
import { indexSpeed, type SpeedIndex } from "./day-pieces.ts";

export class KeptIndex {
  private rows: readonly StoredSpeedRow[] = [];
  private index: SpeedIndex = new Map();

  /** As `indexSpeed`. */
  of(rows: readonly StoredSpeedRow[]): SpeedIndex {
    const changed = this.changedDays(rows);
    if (changed.size > 0) {
      const days = new Map(this.index);
      for (const day of changed) days.delete(day);
      const own = rows.filter(({ startMs }) => changed.has(dayOf(startMs)));
      for (const [day, chains] of indexSpeed(own)) days.set(day, chains);
      this.index = days;
    }
    this.rows = rows;
    return this.index;
  }

  /** A row that stands in another place counts as another. */
  private changedDays(rows: readonly StoredSpeedRow[]): ReadonlySet<UtcDay> {
    const before = this.rows;
    const changed = new Set<UtcDay>();
    for (let i = 0; i < rows.length || i < before.length; i++) {
      const [is, was] = [rows[i], before[i]];
      if (is === was) continue;
      if (is) changed.add(dayOf(is.startMs));
      if (was) changed.add(dayOf(was.startMs));
    }
    return changed;
  }
}

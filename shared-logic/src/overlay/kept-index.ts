// The speed rows of one question by day and block, as they were last: of blocks whose rows are the same objects nothing
// is made anew.
import type { StoredSpeedRow } from "../ports/view-store.ts";
import { hasSameKey, indexSpeed, type SpeedIndex, withRow } from "./speed-index.ts";

/** With more of them than this it pays to begin anew, which looks at each row once. */
const MOST_CHANGES = 64;

export class KeptIndex {
  private rows: readonly StoredSpeedRow[] = [];
  private index: SpeedIndex = new Map();

  /** As `indexSpeed`. */
  of(rows: readonly StoredSpeedRow[]): SpeedIndex {
    if (rows === this.rows) return this.index;
    this.index = this.changed(rows) ?? indexSpeed(rows);
    this.rows = rows;
    return this.index;
  }

  /** Undefined where a row is gone or stands in another place than it did, or where much has changed. */
  private changed(rows: readonly StoredSpeedRow[]): SpeedIndex | undefined {
    const before = this.rows;
    if (rows.length < before.length) return undefined;
    let index: SpeedIndex | undefined = this.index;
    let changes = 0;
    for (let i = 0; i < rows.length; i++) {
      const is = rows[i]!;
      const was = before[i];
      if (is === was) continue;
      if (++changes > MOST_CHANGES || (was !== undefined && !hasSameKey(was, is))) return undefined;
      index = withRow(index, is, was);
      if (index === undefined) return undefined;
    }
    return index;
  }
}

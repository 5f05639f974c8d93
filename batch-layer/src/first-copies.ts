// The rows that are no copy of an earlier one: the first of each event id within a tenant and as-sent day.
// Exact; an id is compared as its number.
import { type EventColumns, IdNumbers, PairTable } from "@tandem/shared-logic";
import { NO_SCOPE, RowScopes } from "./row-scopes.ts";

/** At a time: a loop over all rows of a large batch runs for long in code that V8 made while it ran. */
const ROWS = 4096;
/** Room is made at once for so many rows at most, and no larger one is kept. */
const MOST_EXPECTED = 1 << 23;

/** Of one that was released, for the next: its memory is there already, and all of it is NO_SCOPE. */
let kept: Int32Array<ArrayBuffer> | undefined;

function roomFor(rows: number): Int32Array<ArrayBuffer> {
  const used = kept;
  kept = undefined;
  return used !== undefined && used.length >= rows ? used : new Int32Array(rows);
}

export class FirstCopies {
  private readonly ids: IdNumbers;
  /** By id's number, the scope it was seen in first. */
  private firstScopes: Int32Array<ArrayBuffer>;
  /** (id, scope) of ids that were seen in several. */
  private readonly further = new PairTable(64);
  private readonly scopes = new RowScopes();
  private fresh = new Uint32Array(0);

  /** `expectedRows`: of all batches; more may come, or fewer. */
  constructor(expectedRows = 0) {
    this.ids = new IdNumbers(expectedRows);
    this.firstScopes = roomFor(Math.max(1024, Math.min(expectedRows, MOST_EXPECTED)));
  }

  /** Batches in offset order. The rows are valid until the next call. */
  select(columns: EventColumns): Uint32Array {
    const { count } = columns;
    const ids = this.ids.of(columns.field("event_id"), count);
    const scopes = this.scopes.of(columns);
    this.makeRoom();
    if (this.fresh.length < count) this.fresh = new Uint32Array(count);
    let n = 0;
    for (let row = 0; row < count; row += ROWS)
      n = this.pick(ids, scopes, row, Math.min(count, row + ROWS), n);
    return this.fresh.subarray(0, n);
  }

  /** Writes those of some rows that are first behind `n` others; how many there are then. */
  private pick(
    ids: Int32Array,
    scopes: Int32Array,
    from: number,
    until: number,
    n: number,
  ): number {
    const { firstScopes, fresh } = this;
    let size = n;
    for (let row = from; row < until; row++) {
      const scope = scopes[row]!;
      if (scope === NO_SCOPE) continue;
      const id = ids[row]!;
      const first = firstScopes[id];
      if (first === NO_SCOPE) firstScopes[id] = scope;
      else if (first === scope || !this.isFirstIn(scope, id)) continue;
      fresh[size++] = row;
    }
    return size;
  }

  private isFirstIn(scope: number, id: number): boolean {
    if (this.further.get(id, scope) >= 0) return false;
    this.further.add(id, scope, 1);
    return true;
  }

  /** Its memory is for the next one; nothing is selected any more. */
  release(): void {
    const { firstScopes, ids } = this;
    this.firstScopes = new Int32Array(0);
    if (firstScopes.length <= MOST_EXPECTED) kept = firstScopes.fill(NO_SCOPE, 0, ids.size);
    ids.release();
  }

  /** For all ids there are. */
  private makeRoom(): void {
    const { size } = this.ids;
    if (size <= this.firstScopes.length) return;
    const before = this.firstScopes;
    this.firstScopes = new Int32Array(size * 2);
    this.firstScopes.set(before);
  }
}

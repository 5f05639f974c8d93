// The rows that are no copy of an earlier one: the first of each event id within a tenant and as-sent day.
// Exact; an id is compared as its number.
import {
  DAY_MS,
  type EventColumns,
  getOrMake,
  IdNumbers,
  PairTable,
  ROW_EVENT,
} from "@tandem/shared-logic";

/** Scopes are numbered from 1 on. */
const NONE = 0;
/** Room is made at once for so many rows at most, and no larger one is kept. */
const MOST_EXPECTED = 1 << 23;

/** Of one that was released, for the next: its memory is there already, and all of it is NONE. */
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
  /** A scope is a tenant and day. */
  private readonly scopes = new Map<string, number>();
  private fresh = new Uint32Array(0);

  /** `expectedRows`: of all batches; more may come, or fewer. */
  constructor(expectedRows = 0) {
    this.ids = new IdNumbers(expectedRows);
    this.firstScopes = roomFor(Math.max(1024, Math.min(expectedRows, MOST_EXPECTED)));
  }

  /** Batches in offset order. The rows are valid until the next call. */
  select(columns: EventColumns): Uint32Array {
    const ids = this.ids.of(columns.field("event_id"), columns.count);
    this.makeRoom();
    if (this.fresh.length < columns.count) this.fresh = new Uint32Array(columns.count);
    return this.fresh.subarray(0, this.pick(ids, columns, this.fresh));
  }

  /** Writes the rows that are first to `fresh`; how many. */
  private pick(ids: Int32Array, columns: EventColumns, fresh: Uint32Array): number {
    const { sentMs, rowKinds, count } = columns;
    const tenant = columns.field("tenant");
    const codes = tenant.codes();
    const { firstScopes } = this;
    const days = new Map<number, Int32Array>();
    let [from, until, n] = [0, 0, 0];
    let scopes: Int32Array = new Int32Array(0);
    for (let row = 0; row < count; row++) {
      if (rowKinds[row] !== ROW_EVENT) continue;
      const sent = sentMs[row]!;
      if (!(sent >= from && sent < until)) {
        from = Math.floor(sent / DAY_MS) * DAY_MS;
        until = from + DAY_MS;
        scopes = getOrMake(days, from, () => new Int32Array(tenant.interner.size + 1));
      }
      const at = codes[row]! + 1;
      let scope = scopes[at]!;
      if (scope === NONE) {
        scope = this.scopeOf(at === 0 ? "" : tenant.interner.text(at - 1), from);
        scopes[at] = scope;
      }
      const id = ids[row]!;
      const first = firstScopes[id];
      if (first === NONE) firstScopes[id] = scope;
      else if (first === scope || !this.isFirstIn(scope, id)) continue;
      fresh[n++] = row;
    }
    return n;
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
    if (firstScopes.length <= MOST_EXPECTED) kept = firstScopes.fill(NONE, 0, ids.size);
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

  private scopeOf(tenant: string, day: number): number {
    const key = `${day}|${tenant}`;
    let scope = this.scopes.get(key);
    if (scope === undefined) {
      scope = this.scopes.size + 1;
      this.scopes.set(key, scope);
    }
    return scope;
  }
}

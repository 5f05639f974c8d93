// The rows that are no copy of an earlier one: the first of each event id within a tenant and as-sent day.
// Exact; an id is compared as a code, so batches that share an interner for it compare numbers only.
import {
  DAY_MS,
  type EventColumns,
  type FieldColumn,
  Interner,
  PairTable,
  ROW_EVENT,
} from "@tandem/shared-logic";

const NONE = -1;

export class FirstCopies {
  private readonly interners: Map<string, Interner>;
  /** By id, the scope it was seen in first. */
  private firstScopes = new Int32Array(1024).fill(NONE);
  /** (id, scope) of ids that were seen in several. */
  private readonly further = new PairTable(64);
  /** A scope is a tenant and day. */
  private readonly scopes = new Map<string, number>();

  /** `interners`: what batches may share (ArchiveCodec.columns). */
  constructor(interners: Map<string, Interner>) {
    this.interners = interners;
  }

  /** Batches in offset order. */
  select(columns: EventColumns): Uint32Array {
    const idCodes = this.idsOf(columns);
    const tenant = columns.field("tenant");
    const tenantCodes = tenant.codes();
    const { sentMs, rowKinds, count } = columns;
    const { firstScopes } = this;
    const days = new Map<number, Int32Array>();
    let [from, until] = [0, 0];
    let scopes: Int32Array = new Int32Array(0);
    const fresh = new Uint32Array(count);
    let n = 0;
    for (let row = 0; row < count; row++) {
      if (rowKinds[row] !== ROW_EVENT) continue;
      const sent = sentMs[row]!;
      if (!(sent >= from && sent < until)) {
        from = Math.floor(sent / DAY_MS) * DAY_MS;
        until = from + DAY_MS;
        scopes = days.get(from) ?? new Int32Array(tenant.interner.size + 1).fill(NONE);
        days.set(from, scopes);
      }
      const t = tenantCodes[row]!;
      let scope = scopes[t + 1]!;
      if (scope === NONE) {
        scope = this.scopeOf(t < 0 ? "" : tenant.interner.text(t), from);
        scopes[t + 1] = scope;
      }
      const id = idCodes[row]!;
      const first = firstScopes[id]!;
      if (first === scope) continue;
      if (first === NONE) firstScopes[id] = scope;
      else {
        if (this.further.get(id, scope) >= 0) continue;
        this.further.add(id, scope, 1);
      }
      fresh[n++] = row;
    }
    return fresh.subarray(0, n);
  }

  /** Codes of the ids in one interner, with room for each in `firstScopes`. */
  private idsOf(columns: EventColumns): Int32Array {
    const column = columns.field("event_id");
    let ids = this.interners.get("event_id");
    if (!ids) {
      ids = new Interner();
      this.interners.set("event_id", ids);
    }
    const codes = column.codes();
    const shared = column.interner === ids ? codes : translated(column, codes, columns.count, ids);
    if (ids.size > this.firstScopes.length) {
      const before = this.firstScopes;
      this.firstScopes = new Int32Array(ids.size * 2).fill(NONE, before.length);
      this.firstScopes.set(before);
    }
    return shared;
  }

  private scopeOf(tenant: string, day: number): number {
    const key = `${day}|${tenant}`;
    let scope = this.scopes.get(key);
    if (scope === undefined) {
      scope = this.scopes.size;
      this.scopes.set(key, scope);
    }
    return scope;
  }
}

function translated(
  column: FieldColumn,
  codes: Int32Array,
  count: number,
  into: Interner,
): Int32Array {
  const codeOf = new Int32Array(column.interner.size).fill(NONE);
  const out = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    const code = codes[row]!;
    if (code < 0) {
      out[row] = NONE;
      continue;
    }
    let own = codeOf[code]!;
    if (own === NONE) {
      const utf8 = column.interner.utf8(code);
      own = into.intern(utf8, 0, utf8.length);
      codeOf[code] = own;
    }
    out[row] = own;
  }
  return out;
}

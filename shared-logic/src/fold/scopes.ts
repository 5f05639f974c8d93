// Scopes: a tenant and a UTC day, as a small number. Groups are admitted within one.
import type { FieldColumn } from "../events/event-columns.ts";
import { PairTable } from "./pair-table.ts";

export class Scopes {
  private readonly tenants: string[] = [];
  private readonly tenantIds = new Map<string, number>();
  private tenantCache: number[] = [];
  private tenantGeneration = -1;
  private tenantInterner: unknown;
  /** (tenant id, day) -> scope. */
  private readonly scopes = new PairTable();
  private readonly scopeTenants: number[] = [];
  private readonly scopeDays: number[] = [];
  /** By tenant id, the scope of `cachedDay` or -1: most rows are of one day. */
  private dayScopes = new Int32Array(64).fill(-1);
  private cachedDay = Number.NaN;

  /** The scope of the tenant in a row of its column. */
  ofRow(tenants: FieldColumn, row: number, day: number): number {
    return this.scopeOf(this.idOf(tenants, tenants.codes()[row]!), day);
  }
  of(tenant: string, day: number): number {
    return this.scopeOf(this.tenantId(tenant), day);
  }
  tenantOf(scope: number): string {
    return this.tenants[this.scopeTenants[scope]!]!;
  }
  dayOf(scope: number): number {
    return this.scopeDays[scope]!;
  }

  reset(): void {
    this.scopes.clear();
    this.tenantIds.clear();
    this.tenantGeneration = -1;
    this.cachedDay = Number.NaN;
    for (const list of [this.tenants, this.scopeTenants, this.scopeDays]) list.length = 0;
  }

  private idOf(column: FieldColumn, code: number): number {
    if (
      this.tenantInterner !== column.interner ||
      this.tenantGeneration !== column.interner.generation
    ) {
      this.tenantInterner = column.interner;
      this.tenantGeneration = column.interner.generation;
      this.tenantCache = [];
    }
    const cached = this.tenantCache[code];
    if (cached !== undefined) return cached;
    const id = this.tenantId(code < 0 ? "" : column.interner.text(code));
    this.tenantCache[code] = id;
    return id;
  }

  private tenantId(tenant: string): number {
    let id = this.tenantIds.get(tenant);
    if (id === undefined) {
      id = this.tenants.push(tenant) - 1;
      this.tenantIds.set(tenant, id);
    }
    return id;
  }

  private scopeOf(tenant: number, day: number): number {
    if (day !== this.cachedDay) {
      // A late row leaves the cache as it is.
      if (day < this.cachedDay) return this.scopeIn(tenant, day);
      this.dayScopes.fill(-1);
      this.cachedDay = day;
    }
    if (tenant >= this.dayScopes.length) {
      const wider = new Int32Array(2 * tenant).fill(-1);
      wider.set(this.dayScopes);
      this.dayScopes = wider;
    }
    const known = this.dayScopes[tenant]!;
    if (known >= 0) return known;
    const scope = this.scopeIn(tenant, day);
    this.dayScopes[tenant] = scope;
    return scope;
  }

  private scopeIn(tenant: number, day: number): number {
    let scope = this.scopes.get(tenant, day);
    if (scope < 0) {
      scope = this.scopeTenants.push(tenant) - 1;
      this.scopeDays.push(day);
      this.scopes.add(tenant, day, scope);
    }
    return scope;
  }
}

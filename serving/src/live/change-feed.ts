// Tells who watches which metrics of which tenant have changed. It quickens and decides nothing: what nobody
// tells is found by looking.
import type { Flush, Metric } from "@tandem/shared-logic";

export interface Change {
  readonly tenant: string;
  /** Its name, whatever the version. */
  readonly metric: string;
}

export interface Changes {
  /** The returned function ends it. */
  listen(told: (change: Change) => void): () => void;
}

/** Of speed workers in this process: told of each flush once the views show it. */
export class ChangeFeed implements Changes {
  private readonly names: ReadonlyMap<string, string>;
  private readonly listeners = new Set<(change: Change) => void>();

  constructor(metrics: readonly Metric[]) {
    this.names = new Map(metrics.map((m) => [m.fingerprint, m.name]));
  }

  listen(told: (change: Change) => void): () => void {
    this.listeners.add(told);
    return () => this.listeners.delete(told);
  }

  flushed({ rows }: Pick<Flush, "rows">): void {
    if (this.listeners.size === 0) return;
    const changed = new Map<string, Set<string>>();
    for (const { fp, tenant } of rows) {
      const name = this.names.get(fp);
      if (name === undefined) continue;
      const tenants = changed.get(name) ?? new Set();
      changed.set(name, tenants.add(tenant));
    }
    for (const [metric, tenants] of changed)
      for (const tenant of tenants) for (const told of this.listeners) told({ tenant, metric });
  }
}

// Typed compare-and-set on ledger rows. Every change of the ledger goes through `change`.
import type { ViewStore } from "@tandem/shared-logic";

export interface Versioned<T> {
  /** 0 where the row is absent. */
  readonly version: number;
  readonly value: T | undefined;
}

export async function readLedger<T>(
  views: Pick<ViewStore, "ledger">,
  key: string,
): Promise<Versioned<T>> {
  const row = await views.ledger(key);
  return row
    ? { version: row.version, value: JSON.parse(row.value) as T }
    : { version: 0, value: undefined };
}

/** True where the row still had `seen.version` and now holds `next`. */
export const casLedger = <T>(
  views: ViewStore,
  key: string,
  seen: Versioned<T>,
  next: T,
): Promise<boolean> => views.cas(key, seen.version, JSON.stringify(next));

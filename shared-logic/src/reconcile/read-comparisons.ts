// What the ledger keeps of one tenant's comparisons, by day.
import { comparisonPrefix } from "../ports/ledger-rows.ts";
import type { ViewStore } from "../ports/view-store.ts";
import type { UtcDay } from "../time/epoch-ms.ts";
import type { ComparisonRow } from "./comparison.ts";

export interface DayRange {
  /** Half-open; absent: all that is kept. */
  readonly from?: UtcDay | undefined;
  readonly until?: UtcDay | undefined;
}

export async function readComparisons(
  views: Pick<ViewStore, "ledgerRows">,
  dataset: string,
  tenant: string,
  { from, until }: DayRange,
): Promise<ComparisonRow[]> {
  const prefix = comparisonPrefix(dataset, tenant);
  return (await views.ledgerRows(prefix))
    .filter(({ key }) => /^\d+$/.test(key.slice(prefix.length)))
    .map(({ value }) => JSON.parse(value) as ComparisonRow)
    .filter(({ day }) => day >= (from ?? day) && day < (until ?? day + 1))
    .sort((a, b) => a.day - b.day);
}

// Tells operators which metrics differ between the layers by more than anything explains, in the newest days.
import {
  type Clock,
  dayOf,
  type Metric,
  type ReconciledRow,
  reconciledKey,
  type Telemetry,
  type ViewStore,
} from "@tandem/shared-logic";
import { readLedger } from "../ledger.ts";

export interface ReconcileReportParts {
  readonly views: Pick<ViewStore, "ledger">;
  readonly clock: Pick<Clock, "now">;
  readonly dataset: string;
  readonly metrics: readonly Metric[];
}

/** Days that count: an older difference was told. */
const LOOK_DAYS = 3;

export function reportReconciled(telemetry: Telemetry, parts: ReconcileReportParts): () => void {
  const { views, clock, dataset, metrics } = parts;
  return telemetry.onScrape(async () => {
    const row = await readLedger<ReconciledRow>(views, reconciledKey(dataset));
    const from = dayOf(clock.now()) - LOOK_DAYS;
    const days = Object.entries(row.value?.days ?? {}).filter(([day]) => Number(day) >= from);
    for (const name of new Set(metrics.map((m) => m.name))) {
      const unexplained = days.filter(([, d]) => d.unexplained.includes(name)).length;
      telemetry.set("reconciliation_unexplained_days", unexplained, { metric: name });
    }
  });
}

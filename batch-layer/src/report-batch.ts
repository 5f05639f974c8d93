// What the batch layer tells operators: what became of runs and units, how long they took, and how long
// the oldest closed day has waited for its runs.
import {
  type Clock,
  type CutRow,
  cutKey,
  DAY_MS,
  type DatasetRow,
  type DayRow,
  datasetKey,
  dayKey,
  dayOf,
  type Metric,
  type Telemetry,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import type { BatchOutcome } from "./batch-request.ts";
import { readLedger } from "./ledger.ts";

export interface BatchReport {
  /** Runs a batch run and tells how it ended. */
  run(work: () => Promise<BatchOutcome>): Promise<BatchOutcome>;
  unit(state: "done" | "failed", tookMs: number): void;
}

export interface BatchReportParts {
  readonly views: Pick<ViewStore, "ledger">;
  readonly clock: Pick<Clock, "now">;
  readonly dataset: string;
  readonly metrics: readonly Metric[];
}

/** Days looked at before now; an older one without runs was said before. */
const LOOK_DAYS = 14;

export function reportBatch(telemetry: Telemetry, parts: BatchReportParts): BatchReport {
  const { views, clock, dataset, metrics } = parts;
  // Its first failure is an increase only of something that was there.
  telemetry.add("runs_total", 0, { state: "failed" });
  telemetry.onScrape(async () => {
    const today = dayOf(clock.now());
    const created = await views.ledger(datasetKey(dataset));
    const { value: cuts } = await readLedger<CutRow>(views, cutKey(dataset));
    const wanted = metrics.filter((m) => !cuts?.retired.includes(m.fingerprint));
    const firstDay = created ? (JSON.parse(created.value) as DatasetRow).firstDay : undefined;
    let unsealedMs = 0;
    for (let day = Math.max(firstDay ?? today, today - LOOK_DAYS); day < today; day++) {
      if (await sealed(day as UtcDay, wanted)) continue;
      unsealedMs = clock.now() - (day + 1) * DAY_MS;
      break;
    }
    telemetry.set("day_unsealed_seconds", unsealedMs / 1000);
  });

  async function sealed(day: UtcDay, wanted: readonly Metric[]): Promise<boolean> {
    const row = await readLedger<DayRow>(views, dayKey(dataset, day));
    return wanted.every((m) => row.value?.entries[m.fingerprint] !== undefined);
  }

  return {
    async run(work) {
      const beganMs = clock.now();
      telemetry.set("batch_running", 1);
      try {
        const outcome = await work();
        for (const { published } of outcome.sealed)
          telemetry.add("runs_total", 1, { state: published.state });
        if (outcome.setAside.length > 0)
          telemetry.add("runs_total", outcome.setAside.length, { state: "failed" });
        return outcome;
      } catch (error) {
        telemetry.add("runs_total", 1, { state: "failed" });
        throw error;
      } finally {
        telemetry.set("batch_running", 0);
        telemetry.observe("batch_duration_seconds", (clock.now() - beganMs) / 1000);
      }
    },
    unit(state, tookMs) {
      telemetry.add("units_total", 1, { state });
      telemetry.observe("unit_duration_seconds", tookMs / 1000);
    },
  };
}

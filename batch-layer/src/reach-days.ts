// Whole days that a metric's windows of one day reach back and ahead.
import { DAY_MS, type Metric } from "@tandem/shared-logic";

export const reachDays = (metric: Metric): { readonly back: number; readonly ahead: number } => ({
  back: Math.ceil(metric.reducer.reach.beforeMs / DAY_MS),
  ahead: Math.ceil(metric.reducer.reach.afterMs / DAY_MS),
});

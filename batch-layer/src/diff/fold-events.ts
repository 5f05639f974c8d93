// Computes a day's run of two metrics from any part of its events, just as a run is computed: fold exactly,
// partition by partition, merge, present. No ports: it is asked thousands of times.
import type { Metric, RunRow, UtcDay } from "@tandem/shared-logic";
import { addPartial, type Cells, runRows } from "../merge.ts";
import { foldsOf } from "../unit.ts";
import { differingValues, type MetricRows } from "./compare-values.ts";
import type { DayEvents } from "./day-events.ts";

export class FoldEvents {
  private readonly events: DayEvents;
  private readonly metrics: readonly [Metric, Metric];
  private readonly day: UtcDay;
  private readonly folds: ReturnType<typeof foldsOf>;

  constructor(events: DayEvents, metrics: readonly [Metric, Metric], day: UtcDay) {
    this.events = events;
    this.metrics = metrics;
    this.day = day;
    // Two metrics of one fingerprint are one metric.
    this.folds = foldsOf([...new Map(metrics.map((m) => [m.fingerprint, m])).values()], day);
  }

  /** The values on which the two differ where there are these events alone. */
  differing(which: readonly number[]): ReturnType<typeof differingValues> {
    const [a, b] = this.rowsOf(which);
    return differingValues(this.day, a, b);
  }

  private rowsOf(which: readonly number[]): [MetricRows, MetricRows] {
    const cells = this.metrics.map((): Cells => new Map());
    const sorted = [...which].sort((x, y) => x - y);
    for (let at = 0; at < sorted.length; ) {
      const partition = this.partitionOf(sorted[at]);
      let end = at;
      while (end < sorted.length && this.partitionOf(sorted[end]) === partition) end++;
      this.foldInto(cells, sorted.slice(at, end));
      at = end;
    }
    const [a, b] = this.metrics.map((metric, i) => {
      const rows: RunRow[] = [...runRows(metric, cells[i] ?? new Map(), this.day)];
      return { metric, rows };
    });
    return [a as MetricRows, b as MetricRows];
  }

  private partitionOf(event: number | undefined): number | undefined {
    return this.events.objects[this.events.of[event ?? -1] ?? -1]?.partition;
  }

  /** Of one partition, in offset order. */
  private foldInto(cells: readonly Cells[], which: readonly number[]): void {
    const { objects, of, rows } = this.events;
    for (let at = 0; at < which.length; ) {
      const object = of[which[at] ?? -1] ?? -1;
      let end = at;
      while (end < which.length && of[which[end] ?? -1] === object) end++;
      const own = which.slice(at, end).map((i) => rows[i] ?? 0);
      const columns = objects[object]?.columns;
      if (columns) {
        for (const { range, fold } of this.folds) {
          const inside = own.filter((row) => {
            const ms = columns.timeMs[row] ?? Number.NaN;
            return ms >= range.from && ms < range.until;
          });
          fold.fold(
            columns,
            Uint32Array.from(inside),
            new Uint8Array(inside.length),
            inside.length,
          );
        }
      }
      at = end;
    }
    for (const { fold } of this.folds) {
      const blocks = [...fold.rows()];
      this.metrics.forEach((metric, i) => {
        const own = blocks.filter((b) => b.metric.fingerprint === metric.fingerprint);
        addPartial(metric, cells[i] ?? new Map(), own);
      });
      fold.reset();
    }
  }
}

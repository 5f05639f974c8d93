// The line chart (uPlot): solid where batch sealed, dashed where the speed layer supplies, bands for intervals, hatching
// for what is missing. A cursor by mouse, touch or arrow keys; whoever made the chart says what it stands on.
import uPlot from "uplot";
import { groundOf } from "./chart-ground.ts";
import { dateIn } from "./format.ts";
import type { Plot } from "./series.ts";

export interface Chart {
  readonly element: HTMLElement;
  update(plot: Plot): void;
  /** By so many windows; from nowhere to the newest. */
  step(by: number): void;
  destroy(): void;
}

export interface ChartOptions {
  readonly zone: string;
  readonly height: number;
  readonly format: (value: number) => string;
  readonly onCursor: (index: number | null) => void;
}

export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const lineColour = (i: number): string => colour(`--c${(i % 8) + 1}`);

/** The same number of arrays in the same order as `seriesOf`. */
function dataOf(plot: Plot): uPlot.AlignedData {
  const values = plot.lines.flatMap((l) => [l.low, l.high, l.sealed, l.live]);
  return [plot.xs, ...(plot.before ? [plot.before] : []), ...values];
}

function seriesOf(plot: Plot): { series: uPlot.Series[]; bands: uPlot.Band[] } {
  const show = plot.xs.length <= 60;
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  if (plot.before) series.push({ stroke: colour("--faint"), width: 1.5, points: { show: false } });
  for (const i of plot.lines.keys()) {
    const stroke = lineColour(i);
    const at = series.length;
    const edge: uPlot.Series = { width: 0, points: { show: false } };
    const points = { show, size: 5, fill: stroke };
    series.push(edge, edge);
    series.push({ stroke, width: 2, points });
    series.push({ stroke, width: 2, dash: [5, 5], points: { ...points, fill: colour("--card") } });
    bands.push({ series: [at + 1, at], fill: `color-mix(in srgb, ${stroke} 20%, transparent)` });
  }
  return { series, bands };
}

const MINUTE = 60;

/** Moments on the zone's clock: the hour, and below it the day where it begins. */
function moments(zone: string): uPlot.Axis.DynamicValues {
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const day = new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "numeric", month: "short" });
  return (_, splits, __, ___, stepS) => {
    let last = "";
    return splits.map((s) => {
      const date = dateIn(zone, s * 1000);
      const isNew = date !== last;
      last = date;
      if (stepS >= 1440 * MINUTE) return day.format(s * 1000);
      return isNew ? `${clock.format(s * 1000)}\n${day.format(s * 1000)}` : clock.format(s * 1000);
    });
  };
}

export function createChart(first: Plot, o: ChartOptions): Chart {
  const element = document.createElement("div");
  element.className = "plot";
  let plot = first;
  const axis = (): uPlot.Axis => ({
    stroke: colour("--muted"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  });
  const make = (): uPlot => {
    const { series, bands } = seriesOf(plot);
    return new uPlot(
      {
        width: Math.max(200, element.clientWidth || 600),
        height: o.height,
        legend: { show: false },
        padding: [12, 24, 0, 0],
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 8 } },
        tzDate: (s) => uPlot.tzDate(new Date(s * 1000), o.zone),
        scales: {
          x: { time: true },
          y: { range: { min: { soft: 0, mode: 1, pad: 0.1 }, max: { pad: 0.12 } } },
        },
        axes: [
          { ...axis(), values: moments(o.zone), space: 64, size: 42 },
          { ...axis(), values: (_, splits) => splits.map(o.format), size: 62 },
        ],
        series,
        bands,
        hooks: {
          drawClear: [(u) => groundOf(u, plot, colour)],
          setCursor: [(u) => o.onCursor(u.cursor.idx ?? null)],
        },
      },
      dataOf(plot),
      element,
    );
  };
  let drawn: uPlot | undefined;
  let width = 0;
  const resized = new ResizeObserver(() => {
    const now = element.clientWidth;
    if (now === 0 || now === width) return;
    width = now;
    if (drawn) drawn.setSize({ width: now, height: o.height });
    else drawn = make();
  });
  resized.observe(element);
  return {
    element,
    update(next) {
      const same =
        next.lines.length === plot.lines.length &&
        !next.before === !plot.before &&
        next.xs.length <= 60 === plot.xs.length <= 60;
      plot = next;
      if (!drawn) return;
      if (same) drawn.setData(dataOf(next));
      else {
        drawn.destroy();
        drawn = make();
      }
    },
    step(by) {
      if (!drawn) return;
      const last = plot.xs.length - 1;
      const now = drawn.cursor.idx ?? last + (by < 0 ? 1 : 0);
      const index = Math.min(last, Math.max(0, now + by));
      const left = drawn.valToPos(plot.xs[index] ?? 0, "x");
      drawn.setCursor({ left, top: 10 });
    },
    destroy() {
      resized.disconnect();
      drawn?.destroy();
    },
  };
}

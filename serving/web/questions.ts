// From a view to the questions that the API is asked, one for the shape of a metric and one for the figure above it.
import type { MetricEntry } from "@tandem/client";
import { dateIn } from "./format.ts";
import { datesOf, type View } from "./view.ts";

export type Shape = "line" | "funnel" | "retention" | "top";

export interface Question {
  readonly metric: MetricEntry;
  readonly shape: Shape;
  readonly grain: string;
  /** NAME?PARAMS */
  readonly main: string;
  /** The whole range as one window; undefined where the shape has it itself. */
  readonly total: string | undefined;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const HOURS: Readonly<Record<string, number>> = {
  "1h": 1,
  "24h": 24,
  "7d": 168,
  "30d": 720,
  "90d": 2160,
};

/** A metric that lists something is shown as the list unless a breakdown of its own is asked for. */
function shapeOf(metric: MetricEntry, by: string): { shape: Shape; by: string } {
  const listed = metric.lists?.by;
  const first = metric.reducer === "topK" ? metric.by.find((set) => set.length === 1)?.[0] : listed;
  const asked = first !== undefined && (by === "" || by.split(",").includes(first));
  if (!asked || first === undefined) return { shape: "line", by };
  if (metric.reducer === "topK") return { shape: "top", by: first };
  return { shape: first === "step" ? "funnel" : "retention", by: first };
}

function grainFor(view: View, metric: MetricEntry): string {
  const dates = datesOf(view.range);
  const hours = dates
    ? (Date.parse(dates[1]) - Date.parse(dates[0])) / HOUR
    : (HOURS[view.range] ?? 24);
  const wanted = view.grain || (hours <= 6 ? "minute" : hours <= 7 * 24 ? "hour" : "day");
  // The finest that it can be asked at, where it is kept by longer windows only.
  return metric.grains.includes(wanted) ? wanted : (metric.grains[0] ?? "day");
}

/** The whole view's breakdown, as far as the metric has it. */
const breakdownOf = (metric: MetricEntry, by: string): string =>
  by === "" || metric.by.some((set) => set.join(",") === by) ? by : "";

export function questionOf(view: View, metric: MetricEntry, nowMs: number): Question {
  const { shape, by } = shapeOf(metric, breakdownOf(metric, view.by));
  const grain = shape === "line" ? grainFor(view, metric) : shape === "retention" ? "day" : "total";
  const asked = new URLSearchParams(rangeOf(view, grain, nowMs));
  if (view.zone !== "UTC") asked.set("tz", view.zone);
  if (view.where !== "") asked.set("where", view.where);
  const total = new URLSearchParams(asked);
  asked.set("grain", grain);
  if (by !== "") asked.set("by", by);
  total.set("grain", "total");
  if (view.compare !== "" && shape === "line") {
    asked.set("compare", view.compare);
    total.set("compare", view.compare);
  }
  return {
    metric,
    shape,
    grain,
    main: `${metric.name}?${asked}`,
    total:
      shape !== "line" || !metric.grains.includes("total") ? undefined : `${metric.name}?${total}`,
  };
}

/** Without an end the range goes on with the server's clock. */
function rangeOf(view: View, grain: string, nowMs: number): Record<string, string> {
  const dates = datesOf(view.range);
  if (dates) return { from: dates[0], until: dates[1] };
  const longMs = (HOURS[view.range] ?? 24) * HOUR;
  if (longMs > DAY || grain === "day" || grain === "week" || grain === "month")
    return { from: dateIn(view.zone, nowMs - longMs + (longMs > DAY ? DAY : 0)) };
  const stepMs = longMs > HOUR ? HOUR : 60_000;
  const fromMs = Math.floor((nowMs - longMs) / stepMs) * stepMs + stepMs;
  return { from: new Date(fromMs).toISOString() };
}

// Metrics that answer with lists: the steps of a funnel, what is there most, and who came back when.
import type { MetricEntry, Point } from "@tandem/client";
import type { Shown } from "./api.ts";
import { fill, h } from "./dom.ts";
import { numberOf, showInterval, showNumber, showWindow } from "./format.ts";
import type { ShapeView } from "./line-shape.ts";
import { groupLabel } from "./series.ts";
import { layerWord } from "./words.ts";

const MOST = 20;
const DAY_MS = 86_400_000;
const share = (part: number, of: number): string => (of > 0 ? showNumber(part / of, "ratio") : "–");

function bar(p: Point, most: number, name: string, unit: string, more: string): HTMLElement {
  const value = numberOf(p.value) ?? 0;
  const fillBar = h("span", { class: `fill ${p.layer}` });
  fillBar.style.setProperty("--part", String(most > 0 ? Math.max(0, value / most) : 0));
  const sure = p.low === p.high ? "" : ` (${showInterval(p.low, p.high, unit)})`;
  return h(
    "li",
    {},
    h("span", { class: "name", title: name }, name),
    h("span", { class: "track", "aria-hidden": "true" }, fillBar),
    h("span", { class: "figure" }, showNumber(p.value, unit), h("small", {}, `${sure} ${more}`)),
    h("span", { class: `layer ${p.layer}` }, layerWord(p.layer)),
  );
}

/** Steps in their order, each with its share of the first and of the one before. */
export function funnelShape(metric: MetricEntry): ShapeView {
  const list = h("ol", { class: "bars funnel" });
  const order = metric.lists?.values ?? [];
  const labels = metric.lists?.labels ?? [];
  const nameOf = (p: Point): string => {
    const step = groupLabel(p.by);
    const label = labels[order.indexOf(step)];
    return label === undefined ? `Step ${step}` : `${step}. ${label}`;
  };
  return {
    element: list,
    update(answer) {
      const at = (p: Point): number => order.indexOf(groupLabel(p.by));
      const steps = [...answer.points].sort((a, b) => at(a) - at(b));
      const of = (i: number): number => numberOf(steps[i]?.value ?? null) ?? 0;
      fill(
        list,
        ...steps.map((p, i) => {
          const told =
            i === 0
              ? ""
              : `${share(of(i), of(0))} of the first, ${share(of(i), of(i - 1))} of step ${i}`;
          return bar(p, of(0), nameOf(p), answer.unit, told);
        }),
      );
    },
    destroy: () => undefined,
  };
}

export function topShape(): ShapeView {
  const list = h("ol", { class: "bars" });
  return {
    element: list,
    update(answer) {
      const value = (p: Point): number => numberOf(p.value) ?? 0;
      const best = [...answer.points].sort((a, b) => value(b) - value(a)).slice(0, MOST);
      const most = best[0] ? value(best[0]) : 0;
      fill(list, ...best.map((p) => bar(p, most, groupLabel(p.by), answer.unit, "")));
    },
    destroy: () => undefined,
  };
}

/** A row for each day, a column for each return; the darker, the more came back. */
export function retentionShape(metric: MetricEntry, zone: string): ShapeView {
  const order = metric.lists?.values ?? [];
  const labels = metric.lists?.labels ?? order.map((d) => `Day ${d}`);
  const weekly = labels[0]?.startsWith("Week") ?? false;
  const body = h("tbody");
  const table = h(
    "table",
    { class: "grid" },
    h("caption", { class: "hidden" }, `${metric.title}: a row for each day's new users`),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", { scope: "col" }, "New on"),
        ...labels.map((label) => h("th", { scope: "col" }, label)),
      ),
    ),
    body,
  );
  return {
    element: h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": `${metric.title}: grid` },
      table,
    ),
    update(answer) {
      const rows = new Map<string, Map<string, Point>>();
      for (const p of answer.points) {
        const row = rows.get(p.from) ?? new Map<string, Point>();
        rows.set(p.from, row.set(groupLabel(p.by), p));
      }
      fill(
        body,
        ...[...rows]
          .reverse()
          .map(([from, cells]) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, showWindow(from, "day", zone)),
              ...order.map((d) =>
                hasBegun(from, Number(d), weekly, answer)
                  ? cell(cells.get(d), answer)
                  : h("td", { class: "number", title: "not yet" }, "–"),
              ),
            ),
          ),
      );
    },
    destroy: () => undefined,
  };
}

/** Whether anybody of a day's cohort can have come back in a period: before, none is no answer. */
function hasBegun(from: string, n: number, weekly: boolean, { freshness }: Shown): boolean {
  // The earliest that the nth week after a day's own, from Monday to Sunday, begins.
  const days = weekly ? Math.max(0, 7 * n - 6) : n;
  return freshness === null || Date.parse(from) + days * DAY_MS < Date.parse(freshness);
}

function cell(p: Point | undefined, { unit }: Shown): HTMLElement {
  if (!p || p.value === null) return h("td", { class: "number" }, "–");
  const said = `${showInterval(p.low, p.high, unit)}, ${layerWord(p.layer)}`;
  const td = h("td", { class: `number heat ${p.layer}`, title: said }, showNumber(p.value, unit));
  td.style.setProperty("--part", String(Math.min(1, Math.max(0, Number(p.value)))));
  return td;
}

// The table under a chart: the same points, newest first, for whoever reads rather than looks.
import type { Point } from "@tandem/client";
import type { Shown } from "./api.ts";
import { fill, h, headings } from "./dom.ts";
import { showInterval, showNumber, showWindow } from "./format.ts";
import { groupLabel } from "./series.ts";
import { layerWord } from "./words.ts";

const MOST_ROWS = 200;

export interface PointsTable {
  readonly element: HTMLElement;
  update(answer: Shown): void;
}

export function pointsTable(title: string, zone: string): PointsTable {
  const body = h("tbody");
  const head = h("tr");
  const note = h("p", { class: "note" });
  const table = h(
    "table",
    {},
    h("caption", { class: "hidden" }, `${title}, by window`),
    h("thead", {}, head),
    body,
  );
  const element = h(
    "details",
    { class: "table" },
    h("summary", {}, "Table"),
    h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": `${title}: table` },
      table,
    ),
    note,
  );
  return {
    element,
    update(answer) {
      const grouped = answer.by.length > 0;
      const names = [
        "From",
        ...(grouped ? [answer.by.join(" · ")] : []),
        "Value",
        "Interval",
        "Source",
      ];
      fill(head, ...headings(names, ["Value", "Interval"]));
      const rows = answer.points.slice(-MOST_ROWS).reverse();
      fill(body, ...rows.map((p) => row(p, grouped, answer, zone)));
      const left = answer.points.length - rows.length;
      fill(note, left > 0 ? `The newest ${rows.length} of ${answer.points.length} rows.` : "");
    },
  };
}

const row = (p: Point, grouped: boolean, { grain, unit }: Shown, zone: string): HTMLElement =>
  h(
    "tr",
    {},
    h("th", { scope: "row" }, showWindow(p.from, grain, zone)),
    grouped && h("td", {}, groupLabel(p.by)),
    h("td", { class: "number" }, showNumber(p.value, unit)),
    h("td", { class: "number" }, showInterval(p.low, p.high, unit)),
    h("td", {}, h("span", { class: `layer ${p.layer}` }, layerWord(p.layer))),
  );

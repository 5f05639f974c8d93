// A metric over time: chart, legend, what the cursor stands on.
import type { Shown } from "./api.ts";
import { createChart } from "./chart.ts";
import { fill, h, say } from "./dom.ts";
import { showInterval, showNumber, showWindow } from "./format.ts";
import { type Plot, plotOf } from "./series.ts";
import { layerWord, sealedWords } from "./words.ts";

export interface ShapeView {
  readonly element: HTMLElement;
  update(answer: Shown): void;
  destroy(): void;
}

const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });

export function lineShape(title: string, unit: string, zone: string): ShapeView {
  const readout = h("p", { class: "readout", "aria-live": "polite" });
  const legend = h("ul", { class: "legend" });
  let plot: Plot = plotOf({ points: [], missing: [], horizon: null } as never);
  let grain = "";
  const format = (v: number): string => (unit === "ratio" ? showNumber(v, unit) : short.format(v));

  function onCursor(index: number | null): void {
    const points = index === null ? [] : plot.lines.map((l) => l.points[index]);
    const told = points.flatMap((p, i) => {
      if (!p) return [];
      const label = plot.lines[i]?.label ?? "";
      const sure = p.low === p.high ? "" : ` (${showInterval(p.low, p.high, unit)})`;
      return [`${label && `${label}: `}${showNumber(p.value, unit)}${sure}, ${layerWord(p.layer)}`];
    });
    const at = points.find((p) => p !== undefined);
    const x = index === null ? undefined : plot.xs[index];
    if (at) say(readout, `${showWindow(at.from, grain, zone)} — ${told.join("; ")}`);
    else if (x !== undefined)
      say(readout, `${showWindow(new Date(x * 1000).toISOString(), grain, zone)} — missing`);
    else say(readout, "");
  }

  const chart = createChart(plot, { zone, height: 240, format, onCursor });
  const frame = h("div", {
    class: "frame",
    tabindex: "0",
    role: "img",
    keydown: (e: KeyboardEvent) => {
      const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e9, End: 1e9 }[
        e.key
      ];
      if (by === undefined) return;
      e.preventDefault();
      chart.step(by);
    },
  });
  frame.append(chart.element);
  let legendOf = "";
  return {
    element: h("div", {}, frame, readout, legend),
    update(answer) {
      grain = answer.grain;
      plot = plotOf(answer);
      chart.update(plot);
      const values = answer.points.length;
      frame.setAttribute(
        "aria-label",
        `${title}: line chart of ${values} values. ${sealedWords(answer, zone)} Arrow keys move from window to window; the table below has all of them.`,
      );
      const named = plot.lines.map((l) => l.label).filter((label) => label !== "");
      const key = JSON.stringify([
        named,
        plot.more,
        plot.before !== undefined,
        plot.missing.length,
      ]);
      if (key === legendOf) return;
      legendOf = key;
      fill(legend, ...legendItems(plot, named));
    },
    destroy: () => chart.destroy(),
  };
}

function legendItems(plot: Plot, named: readonly string[]): HTMLElement[] {
  const item = (mark: string, text: string): HTMLElement =>
    h("li", {}, h("span", { class: `mark ${mark}`, "aria-hidden": "true" }), text);
  return [
    ...named.map((label, i) => item(`c${(i % 8) + 1}`, label)),
    ...(plot.more > 0 ? [h("li", {}, `${plot.more} more in the table`)] : []),
    item("solid", "sealed by batch"),
    item("dashed", "live"),
    ...(plot.before ? [item("before", "before")] : []),
    ...(plot.missing.length > 0 ? [item("hatched", "missing")] : []),
  ];
}

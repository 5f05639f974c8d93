// The ledger of comparisons: what the speed layer had of each sealed day against batch, and what explains it.
import type { CountRange, ReconciledDay, ReconciledMetric } from "@tandem/client";
import { api, told } from "./api.ts";
import { command, fill, h, headings } from "./dom.ts";
import { showNumber } from "./format.ts";
import { count } from "./words.ts";

const rangeText = ({ low, high }: CountRange): string =>
  low === high
    ? low.toLocaleString("en")
    : `${low.toLocaleString("en")} – ${high.toLocaleString("en")}`;

export function reconciliationPage(signal: AbortSignal): HTMLElement {
  const tiles = h("div", { class: "tiles" });
  const body = h("tbody");
  const words = h("p", { class: "words", role: "status" }, "Asking …");
  const only = h("input", { type: "checkbox", change: () => void load() });
  const names =
    "Day, Metric, Batch, Speed, Difference, Sigmas, Late, Pending, Rejected, Dropped, Doubled, Verdict".split(
      ", ",
    );
  const table = h(
    "table",
    {},
    h("caption", { class: "hidden" }, "Speed against batch, by day and metric"),
    h("thead", {}, h("tr", {}, ...headings(names, names.slice(2, -1)))),
    body,
  );
  async function load(): Promise<void> {
    try {
      const days = await told(api().reconciliation(only.checked ? { unexplained: true } : {}));
      if (signal.aborted) return;
      const newest = [...days].sort((a, b) => (a.day < b.day ? 1 : -1)).slice(0, 60);
      fill(tiles, ...tilesOf(newest));
      fill(body, ...newest.flatMap((d) => d.metrics.map((m) => row(d.day, m))));
      table.hidden = newest.length === 0;
      const none = only.checked ? "Nothing is unexplained." : "No sealed day was compared yet.";
      fill(words, newest.length === 0 ? none : `${count(newest.length, "day")}, newest first.`);
    } catch (error) {
      if (!signal.aborted) fill(words, error instanceof Error ? error.message : String(error));
    }
  }
  void load();
  return h(
    "section",
    { "aria-labelledby": "title" },
    h("h1", { id: "title" }, "Reconciliation"),
    h(
      "p",
      { class: "lead" },
      "When batch seals a day, it is compared with what the live layer had said of it.",
    ),
    tiles,
    h(
      "div",
      { class: "card" },
      h(
        "div",
        { class: "head" },
        words,
        h("label", { class: "check" }, only, "Only what nothing explains"),
      ),
      h(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-label": "Comparisons" },
        table,
      ),
    ),
  );
}

export const tile = (name: string, value: string, more = "", state = ""): HTMLElement =>
  h(
    "div",
    { class: `card tile ${state}` },
    h("h2", {}, name),
    h("p", { class: "big" }, value),
    h("p", { class: "note" }, more),
  );

function tilesOf(days: readonly ReconciledDay[]): HTMLElement[] {
  const most = (of: (m: ReconciledMetric) => number): number =>
    days.reduce((sum, d) => sum + Math.max(0, ...d.metrics.map(of)), 0);
  const odd = days.filter((d) => d.metrics.some((m) => m.unexplained.length > 0));
  return [
    tile(
      "Unexplained days",
      String(odd.length),
      odd[0] ? `newest: ${odd[0].day}` : "everything adds up",
      odd.length > 0 ? "bad" : "good",
    ),
    tile(
      "Late events",
      most((m) => m.late.high).toLocaleString("en"),
      "came after their day's run",
    ),
    tile(
      "Waiting for a heal",
      most((m) => m.late_pending).toLocaleString("en"),
      "late, not in a run yet",
    ),
    tile(
      "Rejected",
      most((m) => m.dead_lettered).toLocaleString("en"),
      "dead letters of these days",
    ),
  ];
}

function row(day: string, m: ReconciledMetric): HTMLElement {
  const number = (text: string): HTMLElement => h("td", { class: "number" }, text);
  const verdict =
    m.unexplained.length === 0
      ? h("span", { class: "badge good" }, "explained")
      : h(
          "span",
          {},
          h("span", { class: "badge bad" }, m.unexplained.join(", ")),
          command(`npx tandem heal plan ${day}`),
        );
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, day),
    h("td", {}, m.metric),
    number(showNumber(m.batch)),
    number(showNumber(m.speed)),
    number(showNumber(m.difference)),
    number(m.z === null ? "–" : m.z.toFixed(1)),
    number(rangeText(m.late)),
    number(m.late_pending.toLocaleString("en")),
    number(m.dead_lettered.toLocaleString("en")),
    number(rangeText(m.dropped)),
    number(rangeText(m.duplicated)),
    h("td", {}, verdict),
  );
}

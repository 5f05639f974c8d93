// How the system stands: lag, freshness, throughput, what is sealed day by day, what was done last, and the commands
// that heal, to copy. Looks again every few seconds.
import type { MetricEntry, SystemReport } from "@tandem/client";
import { api, told } from "./api.ts";
import { command, fill, h, headings, say } from "./dom.ts";
import { numberOf, showMoment, showSpan } from "./format.ts";
import { tile } from "./reconciliation-page.ts";
import { count } from "./words.ts";

const EVERY_MS = 3000;

export function systemPage(
  catalogue: readonly MetricEntry[],
  zone: string,
  signal: AbortSignal,
): HTMLElement {
  const tiles = h("div", { class: "tiles" });
  const days = h("ul", { class: "days" });
  const horizons = h("tbody");
  const work = h("tbody");
  const commands = h("div", { class: "commands" });
  const trouble = h("p", { class: "trouble", role: "alert" });
  async function load(): Promise<void> {
    try {
      const state = await told(api().system());
      const rate = await throughput(catalogue, state);
      if (signal.aborted) return;
      say(trouble, "");
      fill(tiles, ...tilesOf(state, rate));
      fill(days, ...state.days.map((d) => dayMark(d)));
      fill(horizons, ...state.horizons.map((m) => horizonRow(m, zone)));
      fill(work, ...state.work.map((w) => workRow(w, zone)));
      // Whoever is about to press Copy keeps the button.
      if (!commands.contains(document.activeElement)) fill(commands, ...commandsFor(state));
    } catch (error) {
      if (signal.aborted) return;
      say(trouble, error instanceof Error ? error.message : String(error));
    }
    if (!signal.aborted) setTimeout(() => void load(), EVERY_MS);
  }
  void load();
  return h(
    "section",
    { "aria-labelledby": "title" },
    h("h1", { id: "title" }, "System"),
    trouble,
    tiles,
    h(
      "div",
      { class: "card" },
      h("h2", {}, "Sealed days"),
      h("p", { class: "note" }, "Newest first: how many metrics of each day batch has sealed."),
      days,
    ),
    h(
      "div",
      { class: "two" },
      tableCard("Horizon", "Metric, Sealed without a gap until", horizons),
      tableCard("Jobs done last", "When, What, Day, Metrics", work),
    ),
    h("div", { class: "card" }, h("h2", {}, "Heal"), commands),
  );
}

const tableCard = (name: string, columns: string, body: HTMLElement): HTMLElement =>
  h(
    "div",
    { class: "card" },
    h("h2", {}, name),
    h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": name },
      h(
        "table",
        {},
        h("caption", { class: "hidden" }, name),
        h("thead", {}, h("tr", {}, ...headings(columns.split(", "), ["Metrics"]))),
        body,
      ),
    ),
  );

/** Events a second of this tenant over the last whole minutes, by the first metric that counts. */
async function throughput(
  catalogue: readonly MetricEntry[],
  { now }: SystemReport,
): Promise<number | undefined> {
  const counts = catalogue.find((m) => m.reducer === "count" && m.grains.includes("minute"));
  if (!counts) return undefined;
  const untilMs = Math.floor(Date.parse(now) / 60_000) * 60_000;
  const answer = await told(
    api().query(counts.name, {
      from: new Date(untilMs - 300_000).toISOString(),
      until: new Date(untilMs).toISOString(),
      grain: "total",
    }),
  );
  const value = numberOf(answer.points[0]?.value ?? null);
  return value === null ? undefined : value / 300;
}

function tilesOf(s: SystemReport, rate: number | undefined): HTMLElement[] {
  const behindMs = s.freshness === null ? undefined : Date.parse(s.now) - Date.parse(s.freshness);
  const letters = s.dead_letters;
  const reasons = Object.entries(letters?.reasons ?? {}).map(([reason, n]) => `${reason} ${n}`);
  return [
    tile(
      "Freshness",
      behindMs === undefined ? "–" : showSpan(behindMs),
      "age of the oldest that is not shown yet",
      (behindMs ?? 0) > 60_000 ? "bad" : "good",
    ),
    tile(
      "Lag",
      s.lag === null ? "–" : s.lag.records.toLocaleString("en"),
      s.lag === null
        ? "the log does not answer"
        : `records, in ${count(s.lag.partitions.length, "partition")}`,
      (s.lag?.records ?? 0) > 100_000 ? "bad" : "good",
    ),
    tile(
      "Throughput",
      rate === undefined ? "–" : rate.toLocaleString("en", { maximumFractionDigits: 2 }),
      "your events a second, mean of five minutes",
    ),
    tile(
      "Dead letters",
      letters === null ? "–" : `${letters.count.toLocaleString("en")}${letters.capped ? "+" : ""}`,
      letters === null ? "kept elsewhere" : reasons.join(", ") || "nothing was rejected",
      (letters?.count ?? 0) > 0 ? "bad" : "good",
    ),
    tile(
      "Healing",
      s.auto_heal ? "by itself" : "off",
      s.auto_heal ? "late days up to 72 h" : "late events stay pending",
      s.auto_heal ? "good" : "bad",
    ),
  ];
}

function dayMark(d: SystemReport["days"][number]): HTMLElement {
  const part = d.sealed === 0 ? "none" : d.sealed < d.metrics ? "part" : "all";
  const said = `${d.sealed} of ${d.metrics} sealed${d.pinned ? ", pinned" : ""}${d.lost ? ", records lost" : ""}`;
  return h(
    "li",
    {
      class: `day ${part}${d.pinned ? " pinned" : ""}${d.lost ? " lost" : ""}`,
      title: `${d.day}: ${said}`,
    },
    h("span", {}, d.day.slice(5)),
    h("small", {}, `${d.sealed}/${d.metrics}${d.pinned ? " ⚲" : ""}${d.lost ? " !" : ""}`),
    h("span", { class: "hidden" }, `${d.day}: ${said}`),
  );
}

const horizonRow = (m: SystemReport["horizons"][number], zone: string): HTMLElement =>
  h(
    "tr",
    {},
    h("th", { scope: "row" }, `${m.metric}@${m.version}`),
    h("td", {}, m.horizon === null ? "nothing yet" : showMoment(m.horizon, zone)),
  );

const workRow = (w: SystemReport["work"][number], zone: string): HTMLElement =>
  h(
    "tr",
    {},
    h("th", { scope: "row" }, showMoment(w.at, zone)),
    h("td", {}, `${w.did}${w.by_hand ? " by hand" : ""}`),
    h("td", {}, w.day),
    h("td", { class: "number" }, String(w.metrics)),
  );

function commandsFor(s: SystemReport): HTMLElement[] {
  const line = (why: string, text: string): HTMLElement =>
    h("p", {}, h("span", {}, why), command(text));
  const day = s.days[0]?.day ?? s.now.slice(0, 10);
  return [
    ...s.days
      .filter((d) => d.pinned)
      .slice(0, 3)
      .map((d) => line(`${d.day} is pinned`, `npx tandem heal unpin ${d.day}`)),
    ...(s.days.some((d) => d.lost) ? [line("Records are lost", "npx tandem fsck --repair")] : []),
    ...(s.auto_heal ? [] : [line("Late days do not heal", "npx tandem heal auto on")]),
    ...((s.dead_letters?.count ?? 0) > 0
      ? [line("Events were rejected", "npx tandem dead-letters")]
      : []),
    line("What waits", "npx tandem heal auto status"),
    line("Plan a rerun of a day", `npx tandem heal plan ${day}`),
    line("Who did what to it", `npx tandem heal log ${day}`),
    line("Take the last heal back", `npx tandem heal rollback ${day}`),
  ];
}

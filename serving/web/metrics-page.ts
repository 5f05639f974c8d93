// The metrics of a view, a panel each, kept up to date as long as they are shown. Ranges that end now begin anew as
// the server's clock goes on.
import type { MetricEntry } from "@tandem/client";
import type { Shown } from "./api.ts";
import { controls } from "./controls.ts";
import { h } from "./dom.ts";
import { createPanel, type Panel } from "./panel.ts";
import { type Question, questionOf } from "./questions.ts";
import { datesOf, type View } from "./view.ts";
import { type LiveState, watch } from "./watch.ts";

export interface MetricsPage {
  readonly catalogue: readonly MetricEntry[];
  readonly view: View;
  readonly signal: AbortSignal;
  /** Of the server. */
  readonly nowMs: () => number;
  onChange(change: Partial<View>): void;
  onState(state: LiveState): void;
  onKey(problem: string): void;
  onAnswer(title: string, answer: Shown): void;
}

const LOOK_MS = 5000;

export function metricsPage(page: MetricsPage): HTMLElement {
  const { view, catalogue, signal } = page;
  const chosen = view.metrics.flatMap((name) => catalogue.find((m) => m.name === name) ?? []);
  const unknown = view.metrics.filter((name) => !catalogue.some((m) => m.name === name));
  const panels = new Map<string, Panel>();
  const grid = h("div", { class: `panels${chosen.length === 1 ? " one" : ""}` });
  let asked: readonly Question[] = [];
  let stop = (): void => undefined;

  const ask = (): readonly Question[] => chosen.map((m) => questionOf(view, m, page.nowMs()));
  const named = (questions: readonly Question[]): string => questions.map((q) => q.main).join(" ");

  function start(questions: readonly Question[]): void {
    stop();
    asked = questions;
    const mains = new Map<string, Question>();
    const totals = new Map<string, Question>();
    for (const q of questions) {
      mains.set(q.main, q);
      if (q.total !== undefined) totals.set(q.total, q);
    }
    const panelOf = (q: Question | undefined): Panel | undefined => q && panels.get(q.metric.name);
    stop = watch([...mains.keys(), ...totals.keys()], view.live, {
      onAnswer(question, answer) {
        const main = mains.get(question);
        if (main) page.onAnswer(main.metric.title, answer);
        panelOf(main)?.main(answer);
        panelOf(totals.get(question))?.total(answer);
      },
      onProblem: (question, problem) => panelOf(mains.get(question))?.problem(problem),
      onState: page.onState,
      onKey: page.onKey,
    });
  }

  const first = ask();
  for (const question of first) {
    const panel = createPanel(question, view.zone);
    panels.set(question.metric.name, panel);
    grid.append(panel.element);
  }
  start(first);
  const look = setInterval(() => {
    const now = ask();
    if (view.live && !datesOf(view.range) && named(now) !== named(asked)) start(now);
  }, LOOK_MS);
  signal.addEventListener("abort", () => {
    clearInterval(look);
    stop();
    for (const panel of panels.values()) panel.destroy();
  });
  return h(
    "section",
    { "aria-labelledby": "title" },
    h("h1", { id: "title", class: "hidden" }, "Metrics"),
    controls(view, catalogue, page.onChange),
    ...unknown.map((name) =>
      h("p", { class: "trouble", role: "alert" }, `There is no metric ${name}.`),
    ),
    chosen.length === 0 && h("p", { class: "empty" }, "Choose a metric above."),
    grid,
  );
}

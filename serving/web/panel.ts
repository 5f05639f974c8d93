// One metric: its figure of the whole range, its shape, what is sealed and what is live in words, and the table.
import type { Shown } from "./api.ts";
import { fill, h, say } from "./dom.ts";
import { downloadButton } from "./download.ts";
import { numberOf, showInterval, showNumber } from "./format.ts";
import { lineShape, type ShapeView } from "./line-shape.ts";
import { funnelShape, retentionShape, topShape } from "./list-shapes.ts";
import { pointsTable } from "./points-table.ts";
import type { Question } from "./questions.ts";
import { notes, sealedWords } from "./words.ts";

export interface Panel {
  readonly element: HTMLElement;
  main(answer: Shown): void;
  total(answer: Shown): void;
  problem(text: string): void;
  destroy(): void;
}

function shapeOf({ metric, shape }: Question, zone: string): ShapeView {
  if (shape === "funnel") return funnelShape(metric);
  if (shape === "top") return topShape();
  if (shape === "retention") return retentionShape(metric, zone);
  return lineShape(metric.title, metric.unit, zone);
}

export function createPanel(question: Question, zone: string): Panel {
  const { metric } = question;
  const id = `panel-${metric.name.replaceAll(/\W/g, "-")}`;
  const shape = shapeOf(question, zone);
  const table = pointsTable(metric.title, zone);
  const figure = h("p", { class: "figure" });
  const words = h("p", { class: "words" }, "Asking …");
  const noted = h("ul", { class: "notes" });
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const failed = (text: string): void => {
    trouble.hidden = false;
    say(trouble, text);
  };
  const download = downloadButton(metric.title, question.main, failed);
  const element = h(
    "section",
    { class: "card panel", "aria-labelledby": id },
    h(
      "div",
      { class: "head" },
      h(
        "div",
        {},
        h("h2", { id }, metric.title),
        h(
          "p",
          { class: "unit" },
          `${metric.unit}, ${question.grain === "total" ? "of the whole range" : `by ${question.grain}`}`,
        ),
      ),
      figure,
    ),
    trouble,
    shape.element,
    words,
    noted,
    h("div", { class: "below" }, table.element, download),
  );
  return {
    element,
    main(answer) {
      trouble.hidden = true;
      shape.update(answer);
      table.update(answer);
      say(words, sealedWords(answer, zone));
      fill(noted, ...notes(answer, zone).map((note) => h("li", {}, note)));
    },
    total(answer) {
      const [p] = answer.points;
      if (!p) return fill(figure);
      const before = numberOf(answer.compare?.points[0]?.value ?? null);
      const value = numberOf(p.value);
      fill(
        figure,
        h("strong", {}, showNumber(p.value, metric.unit)),
        p.low !== p.high &&
          h("span", { class: "interval" }, showInterval(p.low, p.high, metric.unit)),
        before !== null && before !== 0 && value !== null && change(value / before - 1),
      );
    },
    problem(text) {
      failed(text);
      say(words, "");
    },
    destroy: () => shape.destroy(),
  };
}

function change(part: number): HTMLElement {
  const text = new Intl.NumberFormat("en", {
    style: "percent",
    maximumFractionDigits: 1,
    signDisplay: "exceptZero",
  });
  return h(
    "span",
    { class: "change" },
    `${part > 0 ? "▲" : part < 0 ? "▼" : "■"} ${text.format(part)} against before`,
  );
}

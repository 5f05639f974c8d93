// What can be chosen: metrics, range, grain, zone, breakdown, condition, comparison. Each change is a new view.
import type { MetricEntry } from "@tandem/client";
import { h } from "./dom.ts";
import { COMPARES, datesOf, GRAINS, isZone, MOST_METRICS, RANGES, type View } from "./view.ts";

type Change = (change: Partial<View>) => void;

const RANGE_NAMES: Readonly<Record<string, string>> = {
  "1h": "Last hour",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  "90d": "Last 90 days",
};
const COMPARE_NAMES = ["Nothing", "Period before", "Year before"] as const;

export function controls(
  view: View,
  catalogue: readonly MetricEntry[],
  change: Change,
): HTMLElement {
  const chosen = catalogue.filter((m) => view.metrics.includes(m.name));
  const sets = [...new Set(chosen.flatMap((m) => m.by.map((set) => set.join(","))))].sort();
  if (view.by !== "" && !sets.includes(view.by)) sets.push(view.by);
  return h(
    "form",
    {
      class: "card controls",
      "aria-label": "What to show",
      submit: (e: Event) => e.preventDefault(),
    },
    metricPicker(view, catalogue, change),
    h(
      "div",
      { class: "fields" },
      rangeField(view, change),
      choice("By", view.grain, [["", "Suits the range"], ...GRAINS.map(pair)], (grain) =>
        change({ grain }),
      ),
      choice("Break down", view.by, [["", "Not at all"], ...sets.map(pair)], (by) =>
        change({ by }),
      ),
      choice(
        "Compare with",
        view.compare,
        COMPARES.map((c, i) => [c, COMPARE_NAMES[i] ?? c]),
        (text) => change({ compare: COMPARES.find((c) => c === text) ?? "" }),
      ),
      zoneField(view, change),
      whereField(view, change),
    ),
  );
}

/** The label beside and not around: a name that does not read out all options. */
function field(name: string, control: HTMLElement, ...more: readonly HTMLElement[]): HTMLElement {
  control.id = `field-${name.toLowerCase().replaceAll(" ", "-")}`;
  return h("div", { class: "field" }, h("label", { for: control.id }, name), control, ...more);
}

const pair = (text: string): readonly [string, string] => [text, text];

function choice(
  name: string,
  value: string,
  options: readonly (readonly [value: string, text: string])[],
  onPick: (value: string) => void,
): HTMLElement {
  const select = h(
    "select",
    { change: () => onPick(select.value), "data-keep": name },
    ...options.map(([v, text]) => h("option", { value: v, selected: v === value }, text)),
  );
  return field(name, select);
}

function metricPicker(view: View, catalogue: readonly MetricEntry[], change: Change): HTMLElement {
  const boxes = catalogue.map((m) => {
    const on = view.metrics.includes(m.name);
    const box = h("input", {
      type: "checkbox",
      checked: on,
      disabled: !on && view.metrics.length >= MOST_METRICS,
      "data-keep": `metric ${m.name}`,
      change: () =>
        change({
          metrics: box.checked
            ? [...view.metrics, m.name]
            : view.metrics.filter((name) => name !== m.name),
        }),
    });
    return h(
      "label",
      { class: "chip", title: m.description ?? m.title },
      box,
      h("span", {}, m.title),
    );
  });
  return h("fieldset", { class: "metrics" }, h("legend", {}, "Metrics"), ...boxes);
}

function rangeField(view: View, change: Change): HTMLElement {
  const dates = datesOf(view.range);
  const options = RANGES.map((r) => [r, RANGE_NAMES[r] ?? r] as const);
  const preset = choice(
    "Range",
    dates ? "days" : view.range,
    [...options, ["days", "Days …"]],
    (range) => {
      if (range !== "days") return change({ range });
      const until = new Date().toISOString().slice(0, 10);
      const from = new Date(Date.now() - 7 * 86_400_000).toISOString().slice(0, 10);
      change({ range: `${from}..${until}` });
    },
  );
  if (!dates) return preset;
  const dateField = (name: string, value: string, at: 0 | 1): HTMLElement => {
    const input = h("input", {
      type: "date",
      value,
      required: true,
      "data-keep": name,
      change: () => {
        const next = at === 0 ? [input.value, dates[1]] : [dates[0], input.value];
        if (input.value !== "") change({ range: next.join("..") });
      },
    });
    return field(name, input);
  };
  return h(
    "div",
    { class: "range" },
    preset,
    dateField("From", dates[0], 0),
    dateField("Until before", dates[1], 1),
  );
}

function zoneField(view: View, change: Change): HTMLElement {
  const zones = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((z) => z !== "UTC")];
  const input = h("input", {
    list: "zones",
    value: view.zone,
    autocomplete: "off",
    spellcheck: "false",
    "data-keep": "zone",
    change: () => {
      const zone = input.value.trim() || "UTC";
      const known = isZone(zone);
      input.setCustomValidity(known ? "" : "A zone by its IANA name, such as Europe/Berlin");
      input.reportValidity();
      if (known) change({ zone });
    },
  });
  const list = h("datalist", { id: "zones" }, ...zones.map((zone) => h("option", { value: zone })));
  return field("Time zone", input, list);
}

function whereField(view: View, change: Change): HTMLElement {
  const input = h("input", {
    value: view.where,
    placeholder: "event_type=view",
    autocomplete: "off",
    spellcheck: "false",
    "data-keep": "where",
    change: () => change({ where: input.value.trim() }),
  });
  return field("Only where", input);
}

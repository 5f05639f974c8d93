// What a metric's examples really give: its reducer's exact side over their events, the total and by group. Examples
// are documentation, so what they say must be so.
import { formatDecimal } from "../algebra/decimal.ts";
import type { Estimate } from "../algebra/estimate.ts";
import { conditionMask } from "../fold/condition-mask.ts";
import { canonicalJson } from "../metrics/fingerprint-of.ts";
import { groupText } from "../metrics/group.ts";
import type { Metric, MetricExample } from "../metrics/metric.ts";
import type { Window } from "../time/calendar.ts";
import { DAY_MS, dayOf, dayStart, epochMs, plusMs } from "../time/epoch-ms.ts";
import { parseInstant } from "../time/iso-8601.ts";
import { columnsOf } from "./columns-of.ts";

function windowOf({ window, events }: MetricExample): Window {
  const instant = (text: string) => {
    const at = parseInstant(text);
    if (at === undefined) throw new RangeError(`no instant: ${text}`);
    return at;
  };
  if (window) return { from: instant(window.from), until: instant(window.until) };
  const first = columnsOf(events).timeMs[0] ?? 0;
  const from = dayStart(dayOf(epochMs(first)));
  return { from, until: plusMs(from, DAY_MS) };
}

function textOf({ value, low, high }: Estimate): string | null {
  if (low !== value || high !== value) throw new RangeError("an exact answer has no interval");
  return value === null ? null : formatDecimal(value);
}

/** Values by group of `by`; of the total, `[]`, where it is empty. */
export function exampleAnswers(
  m: Metric,
  example: MetricExample,
  by: readonly string[],
): Map<string, string | null> {
  const columns = columnsOf(example.events);
  const window = windowOf(example);
  const mask = m.where ? conditionMask(m.where, columns) : undefined;
  const { exact, inside } = m.reducer;
  const item = m.reducer.items(columns);
  const dims = inside ? [] : by.map((dim) => columns.field(dim));
  // Without reach the window's own events are the state; with it, what lies around them too.
  const { beforeMs, afterMs } = m.reducer.reach;
  const states = new Map<string, { state: unknown; events: number }>();
  if (by.length === 0) states.set("[]", { state: exact.zero, events: 0 });
  for (let row = 0; row < columns.count; row++) {
    const at = columns.timeMs[row] ?? 0;
    if (at < window.from - beforeMs || at >= window.until + afterMs) continue;
    const it = mask?.[row] === 0 ? undefined : item(row);
    if (it === undefined) continue;
    const group = inside ? "[]" : groupText(dims.map((dim) => dim.text(row) ?? null));
    const { state, events } = states.get(group) ?? { state: exact.zero, events: 0 };
    states.set(group, { state: exact.append(state, it), events: events + 1 });
  }
  const out = new Map<string, string | null>();
  for (const [group, { state, events }] of states) {
    const context = { window, events };
    if (!inside || by.length === 0) out.set(group, textOf(exact.present(state, context)));
    else for (const [g, e] of exact.presentBy?.(state, context, by) ?? []) out.set(g, textOf(e));
  }
  return out;
}

/** What is wrong of an example, in words; undefined where it holds. */
export function exampleProblem(m: Metric, example: MetricExample): string | undefined {
  const total = exampleAnswers(m, example, []).get("[]") ?? null;
  if (total !== example.value)
    return `"${example.title}" is ${total}, and the example says ${example.value}`;
  const { by } = example;
  if (by === undefined) return undefined;
  if (!m.by.some((set) => groupText([...set]) === groupText([...by.dims])))
    return `"${example.title}" is grouped by ${by.dims.join(", ")}, which is no grouping set of the metric`;
  const groups = Object.fromEntries(exampleAnswers(m, example, by.dims));
  const [is, says] = [canonicalJson(groups), canonicalJson(by.groups)];
  return is === says
    ? undefined
    : `"${example.title}" by ${by.dims.join(", ")} is ${is}, and the example says ${says}`;
}

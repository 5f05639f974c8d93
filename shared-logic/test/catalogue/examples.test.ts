// The examples of every metric hold: they are its documentation, so what they say must be so.
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDecimal } from "../../src/algebra/decimal.ts";
import type { Estimate } from "../../src/algebra/estimate.ts";
import { catalogue } from "../../src/catalogue/catalogue.ts";
import { readyMetrics } from "../../src/catalogue/ready-metrics.ts";
import { conditionMask } from "../../src/fold/condition-mask.ts";
import { groupText } from "../../src/metrics/group.ts";
import type { Metric, MetricExample } from "../../src/metrics/metric.ts";
import { columnsOf } from "../../src/testing/columns-of.ts";
import type { Window } from "../../src/time/calendar.ts";
import { DAY_MS, dayOf, dayStart, epochMs, plusMs } from "../../src/time/epoch-ms.ts";
import { parseInstant } from "../../src/time/iso-8601.ts";

function windowOf({ window, events }: MetricExample): Window {
  const instant = (text: string) => {
    const at = parseInstant(text);
    assert.ok(at !== undefined, `no instant: ${text}`);
    return at;
  };
  if (window) return { from: instant(window.from), until: instant(window.until) };
  const first = columnsOf(events).timeMs[0] ?? 0;
  const from = dayStart(dayOf(epochMs(first)));
  return { from, until: plusMs(from, DAY_MS) };
}

const textOf = ({ value, low, high }: Estimate): string | null => {
  assert.deepEqual([low, high], [value, value], "an exact answer");
  return value === null ? null : formatDecimal(value);
};

/** The state of the rows that `keep` keeps, appended one by one, and what it shows. */
function shown(
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

for (const m of [...catalogue, ...readyMetrics]) {
  test(`${m.name}: has examples`, () => assert.ok(m.examples.length > 0));
  for (const example of m.examples) {
    test(`${m.name}: ${example.title}`, () => {
      assert.deepEqual([...shown(m, example, [])], [["[]", example.value]]);
      const { by } = example;
      if (by === undefined) return;
      assert.ok(
        m.by.some((set) => groupText([...set]) === groupText([...by.dims])),
        "a grouping set",
      );
      assert.deepEqual(Object.fromEntries(shown(m, example, by.dims)), by.groups);
    });
  }
}

test("names are unique and files are found by them", () => {
  for (const list of [catalogue, readyMetrics]) {
    const names = list.map((m) => m.name);
    assert.deepEqual(names, [...new Set(names)].sort());
  }
  const all = [...catalogue, ...readyMetrics];
  assert.equal(new Set(all.map((m) => m.name)).size, all.length);
  assert.equal(new Set(all.map((m) => m.fingerprint)).size, all.length);
});

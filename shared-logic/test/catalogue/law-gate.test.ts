// The law gate: a metric's reducer enters the catalogue only if it keeps all laws of testing/reducer-laws.ts. The
// drill `laws` tries a thousand seeds: LAW_SEED is the first of LAW_SEEDS whole rounds.
import { test } from "node:test";
import { catalogue } from "../../src/catalogue/catalogue.ts";
import { readyMetrics } from "../../src/catalogue/ready-metrics.ts";
import { canonicalJson } from "../../src/metrics/fingerprint-of.ts";
import { GATE, lawGate, QUICK_GATE } from "../../src/testing/law-gate.ts";
import { forbidAmbient } from "../testing/forbid-ambient.ts";

const { LAW_SEED, LAW_SEEDS = "3" } = process.env;
const first = Number(LAW_SEED ?? 1);
const seeds = Array.from({ length: Number(LAW_SEEDS) }, (_, i) => first + i);

const seen = new Set<string>();
for (const m of [...catalogue, ...readyMetrics]) {
  const { reducer } = m;
  const text = canonicalJson([reducer.spec, reducer.selects as never]);
  if (seen.has(text)) continue;
  seen.add(text);
  // The reducers of ready metrics have tests of their own, which try them harder.
  const gate =
    LAW_SEED !== undefined ? { ...QUICK_GATE, seeds } : catalogue.includes(m) ? GATE : QUICK_GATE;
  lawGate({ test: (name, fn) => test(`${m.name}: ${name}`, fn) }, m, {
    ...gate,
    guard: forbidAmbient,
  });
}

// The law gate: a metric's reducer enters the catalogue only if it keeps all laws of testing/reducer-laws.ts. The
// drill `laws` tries a thousand seeds, LAW_SEED the first of LAW_SEEDS: a case of each law and built-in from each seed.
import { test } from "node:test";
import { catalogue } from "../../src/catalogue/catalogue.ts";
import { readyMetrics } from "../../src/catalogue/ready-metrics.ts";
import { canonicalJson } from "../../src/metrics/fingerprint-of.ts";
import { GATE, type GateOptions, lawGate, QUICK_GATE } from "../../src/testing/law-gate.ts";
import { forbidAmbient } from "../testing/forbid-ambient.ts";

const { LAW_SEED, LAW_SEEDS = "3" } = process.env;
const first = Number(LAW_SEED ?? 1);
const seeds = Array.from({ length: Number(LAW_SEEDS) }, (_, i) => first + i);

/** Many small cases: what a law breaks on is small. */
const DRILL: GateOptions = {
  ...QUICK_GATE,
  seeds,
  trials: 1,
  size: 4,
  bounds: { sizes: [0, 10, 60], trials: Math.max(8, Math.ceil(seeds.length / 5)) },
};

let laws = 0;
const seen = new Set<string>();
for (const m of [...catalogue, ...readyMetrics]) {
  const { reducer } = m;
  const text = canonicalJson([reducer.spec, reducer.selects as never]);
  if (seen.has(text)) continue;
  seen.add(text);
  // The reducers of ready metrics have tests of their own, which try them harder.
  const gate = LAW_SEED !== undefined ? DRILL : catalogue.includes(m) ? GATE : QUICK_GATE;
  const law = (name: string, fn: () => void): void => {
    laws++;
    void test(`${m.name}: ${name}`, fn);
  };
  lawGate({ test: law }, m, { ...gate, guard: forbidAmbient });
}

if (LAW_SEED !== undefined)
  // Behind all that the tests print: the drill reads the end of it.
  process.on("exit", () =>
    console.log(
      `gate: ${seen.size} reducers, ${laws} laws, ${seeds.length} seeds, a case each; bounds over ${DRILL.bounds?.trials} sets of 0, 10 and 60`,
    ),
  );
